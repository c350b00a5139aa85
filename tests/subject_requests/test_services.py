from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from notifications.models import OutgoingMail
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.models import Event
from retention.models import Clock
from subject_requests import services
from subject_requests.kinds import Outcome, RequestKind, State
from subject_requests.models import Author, Message, Request, RequestStep
from tests.factories.personal_data import make_subject, person
from tests.factories.subject_requests import CLERK, COLLEAGUE, HOUR, OFFICER, RECEIVED, make_request

pytestmark = pytest.mark.django_db

LATER = RECEIVED + 2 * HOUR
NORM = "152-FZ 14.8(4)"


def facts(request: Request) -> list[tuple[str, str, str]]:
    events = Event.objects.filter(subject=request.subject_id).exclude(fact="").order_by("pk")
    return [(event.fact, event.actor_kind, event.reason) for event in events if event.fact.startswith("request_")]


def steps(request: Request) -> list[tuple[str, str, str]]:
    return [(step.state_before, step.state_after, step.actor_kind) for step in request.steps.all()]


def terms(request: Request) -> list[tuple[str, date, date]]:
    return [(clock.rule, clock.due_on, clock.target_on) for clock in request.clocks.all()]


def words(request: Request) -> list[tuple[str, str]]:
    with processing("rights", actor=CLERK):
        return [(message.author, message.text) for message in request.messages.all()]


def mails(request: Request) -> list[str]:
    return list(OutgoingMail.objects.filter(subject_id=request.subject_id).values_list("template", flat=True))


def test_file_request_starts_the_clock_of_its_kind():
    access = make_request(kind=RequestKind.ACCESS)
    destruction = make_request(kind=RequestKind.DESTRUCTION)

    assert terms(access) == [("D01", date(2026, 12, 4), date(2026, 12, 4))]
    assert terms(destruction) == [
        ("D14", date(2026, 12, 4), date(2026, 12, 4)),
        ("D13", date(2026, 12, 21), date(2026, 12, 18)),
    ]
    counted = access.clocks.get().counted_days
    assert (len(counted), counted[-1]) == (10, access.due_on)


def test_file_request_late_in_the_evening_counts_from_the_operators_day():
    filed = make_request(received_at=datetime(2026, 11, 22, 21, 30, tzinfo=UTC))

    assert filed.due_on == date(2026, 12, 7)


def test_file_request_into_an_undecreed_year_is_provisional():
    assert make_request(received_at=datetime(2027, 12, 29, 9, tzinfo=UTC)).provisional


def test_file_request_numbers_by_year_and_never_twice():
    numbers = [make_request().number, make_request().number, make_request().number]

    assert len(set(numbers)) == 3
    assert all(number.startswith("2026-") and len(number) == 11 for number in numbers)
    assert numbers == sorted(numbers)


def test_file_request_leaves_its_words_sealed_its_step_and_its_fact():
    filed = make_request(text="Пришлите всё, что есть")

    assert words(filed) == [(Author.PERSON, "Пришлите всё, что есть")]
    assert steps(filed) == [("", "new", "user")]
    assert facts(filed) == [("request_filed", "user", filed.number)]
    assert mails(filed) == ["request_received"]


def test_file_request_needs_no_words():
    filed = make_request(text="  ")

    assert words(filed) == []


def test_file_request_for_destruction_twice_is_refused_and_leaves_nothing():
    first = make_request(kind=RequestKind.DESTRUCTION)

    with pytest.raises(services.AlreadyAsked):
        make_request(subject_id=first.subject_id, kind=RequestKind.DESTRUCTION)

    assert [request.pk for request in Request.objects.of(first.subject_id)] == [first.pk]
    assert len(mails(first)) == 1


def test_file_request_for_destruction_again_is_possible_after_a_refusal():
    first = make_request(kind=RequestKind.DESTRUCTION, state=State.REFUSED)

    again = make_request(subject_id=first.subject_id, kind=RequestKind.DESTRUCTION)

    assert again.state == State.NEW


def test_file_request_of_a_blocked_person_is_taken_in():
    subject = make_subject()
    subject.block(at=RECEIVED)

    assert make_request(subject_id=subject.id).state == State.NEW


def test_take_names_the_one_who_took_it():
    filed = make_request()

    services.take(request_id=filed.pk, actor=CLERK, at=LATER)

    filed.refresh_from_db()
    assert (filed.state, str(filed.taken_by), filed.taken_at) == (State.TAKEN, CLERK.id, LATER)
    assert steps(filed)[-1] == ("new", "taken", "staff")
    assert facts(filed)[-1] == ("request_taken", "staff", filed.number)


def test_take_of_a_request_that_somebody_has_is_refused():
    filed = make_request(state=State.TAKEN)

    with pytest.raises(services.NotFree):
        services.take(request_id=filed.pk, actor=COLLEAGUE, at=LATER)

    filed.refresh_from_db()
    assert str(filed.taken_by) == CLERK.id
    assert len(steps(filed)) == 2


def test_answer_closes_the_request_and_tells_the_person():
    filed = make_request(state=State.TAKEN)

    services.answer(request_id=filed.pk, text="Вот что у нас есть", actor=CLERK, at=LATER)

    filed.refresh_from_db()
    assert (filed.state, filed.outcomes, filed.closed_at) == (State.ANSWERED, [Outcome.INFORMED], LATER)
    assert words(filed)[-1] == (Author.STAFF, "Вот что у нас есть")
    assert steps(filed)[-1] == ("taken", "answered", "staff")
    assert facts(filed)[-1] == ("request_answered", "staff", filed.number)
    assert mails(filed) == ["request_received", "request_answered"]


def test_answer_of_access_changes_nothing_about_the_person():
    filed = make_request(state=State.ANSWERED)

    assert Subject.objects.get(pk=filed.subject_id).blocked_at is None
    assert not Clock.objects.filter(subject_id=filed.subject_id).exists()


def test_answer_of_destruction_blocks_now_and_destroys_when_the_term_of_the_request_ends():
    filed = make_request(kind=RequestKind.DESTRUCTION, state=State.ANSWERED)

    clock = Clock.objects.get(subject_id=filed.subject_id)
    assert Subject.objects.get(pk=filed.subject_id).blocked_at == LATER
    assert (clock.trigger, clock.started_at) == ("account_deleted", RECEIVED)
    assert clock.due_at < filed.due_at
    assert filed.outcomes == [Outcome.DESTRUCTION_STARTED]
    assert mails(filed)[-1] == "request_destruction_started"


@pytest.mark.parametrize("act", ["answer", "propose_refusal"])
def test_closing_needs_words(act):
    filed = make_request(state=State.TAKEN)
    norm = {"norm": NORM} if act == "propose_refusal" else {}

    with pytest.raises(services.NothingWritten):
        getattr(services, act)(request_id=filed.pk, text=" \n", actor=CLERK, at=LATER, **norm)

    filed.refresh_from_db()
    assert filed.state == State.TAKEN


@pytest.mark.parametrize("state", [State.NEW, State.ANSWERED, State.REFUSED])
def test_answer_is_refused_unless_the_request_is_in_work(state):
    filed = make_request(state=state)
    before = (steps(filed), words(filed), mails(filed))

    with pytest.raises(services.NotInYourHands):
        services.answer(request_id=filed.pk, text="Ещё раз", actor=CLERK, at=LATER)

    assert (steps(filed), words(filed), mails(filed)) == before


def test_answer_by_somebody_else_is_refused():
    filed = make_request(state=State.TAKEN)

    with pytest.raises(services.NotInYourHands):
        services.answer(request_id=filed.pk, text="Не моё", actor=COLLEAGUE, at=LATER)


def test_refusal_waits_for_a_second_person_and_its_words_with_it():
    filed = make_request(state=State.TAKEN)

    services.propose_refusal(request_id=filed.pk, norm=NORM, text="Там данные других людей", actor=CLERK, at=LATER)

    filed.refresh_from_db()
    assert (filed.state, filed.refusal_norm, str(filed.proposed_by)) == (State.PROPOSED, NORM, CLERK.id)
    assert words(filed)[-1] == (Author.STAFF, "Там данные других людей")
    assert [message.kind for message in filed.messages.shown()] == ["words"]
    assert mails(filed) == ["request_received"]


def test_refusal_confirmed_by_an_officer_goes_to_the_person():
    filed = make_request(state=State.PROPOSED)

    services.confirm_refusal(request_id=filed.pk, actor=OFFICER, at=LATER)

    filed.refresh_from_db()
    assert (filed.state, str(filed.closed_by)) == (State.REFUSED, OFFICER.id)
    assert [message.kind for message in filed.messages.shown()] == ["words", "refusal"]
    assert facts(filed)[-1] == ("request_refused", "officer", filed.number)
    assert mails(filed)[-1] == "request_refused"


@pytest.mark.parametrize(("proposer", "second"), [(CLERK, CLERK), (CLERK, COLLEAGUE), (OFFICER, OFFICER)])
def test_refusal_is_confirmed_by_another_and_one_of_the_two_is_an_officer(proposer, second):
    filed = make_request(state=State.PROPOSED, by=proposer)

    with pytest.raises(services.NotTheSecondPerson):
        services.confirm_refusal(request_id=filed.pk, actor=second, at=LATER)


def test_refusal_of_an_officer_may_be_confirmed_by_any_other():
    filed = make_request(state=State.PROPOSED, by=OFFICER)

    services.confirm_refusal(request_id=filed.pk, actor=CLERK, at=LATER)

    filed.refresh_from_db()
    assert filed.state == State.REFUSED


def test_refusal_sent_back_is_in_work_again_and_never_shown():
    filed = make_request(state=State.PROPOSED)

    services.return_refusal(request_id=filed.pk, text="Есть чем ответить", actor=OFFICER, at=LATER)

    filed.refresh_from_db()
    assert (filed.state, filed.refusal_norm, filed.proposed_by) == (State.TAKEN, "", None)
    assert [message.kind for message in filed.messages.shown()] == ["words"]


@pytest.mark.parametrize("norm", ["", "152-FZ 1.1", "152-FZ 21.5"])
def test_refusal_by_a_norm_that_does_not_allow_it_is_refused(norm):
    filed = make_request(state=State.TAKEN)

    with pytest.raises(services.WrongNorm):
        services.propose_refusal(request_id=filed.pk, norm=norm, text="Нет", actor=CLERK, at=LATER)

    filed.refresh_from_db()
    assert filed.state == State.TAKEN


def test_mails_about_requests_hold_a_number_and_a_link_only():
    filed = make_request(text="Иван Секретный", state=State.ANSWERED)

    contexts = [mail.context for mail in OutgoingMail.objects.filter(subject_id=filed.subject_id)]

    link = f"http://testserver/me/requests/{filed.pk}/"
    assert contexts == [{"number": filed.number, "url": link, "due_on": "2026-12-04"}] * 2


def test_words_are_not_in_the_database_in_the_clear():
    filed = make_request(text="marked-needle")

    raw = Message.objects.filter(request=filed).extra(select={"raw": "text"}).values_list("raw", flat=True)

    assert all(b"marked-needle" not in bytes(value) for value in raw)


def test_is_overdue_only_after_the_last_moment_and_when_closed_too_late():
    filed = make_request()

    assert not filed.is_overdue(filed.due_at)
    assert filed.is_overdue(filed.due_at + timedelta(seconds=1))
    closed = make_request(state=State.ANSWERED)
    assert not closed.is_overdue(closed.due_at + timedelta(days=99))


def test_queue_shows_the_open_ones_by_due_date_first():
    answered = make_request(received_at=RECEIVED - timedelta(days=30), state=State.ANSWERED)
    later = make_request(kind=RequestKind.AUTO_DECISION)
    sooner = make_request()

    assert list(Request.objects.due_first()) == [sooner, later, answered]


def test_history_outlives_the_words():
    filed = make_request(state=State.ANSWERED)

    with processing("retention", actor=CLERK):
        Message.objects.filter(subject_id=filed.subject_id).delete()

    assert len(steps(filed)) == 3
    assert RequestStep.objects.filter(request=filed).count() == 3
    assert person(filed.subject_id).subject_id == filed.subject_id


@pytest.mark.django_db(transaction=True)
def test_take_by_two_at_once_gives_the_request_to_one():
    filed = make_request()
    start = Barrier(2)

    def take(actor: Actor) -> bool:
        try:
            start.wait()
            services.take(request_id=filed.pk, actor=actor, at=LATER)
        except services.NotFree:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(take, (CLERK, COLLEAGUE)))

    assert sorted(taken) == [False, True]
    assert len(steps(filed)) == 2
