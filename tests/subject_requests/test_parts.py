"""A request that shows a part of the data to be unlawful or not needed: just that part goes, and the rest stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Profile
from law import clock as law_clock
from notifications.models import MailContent, OutgoingMail
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from profiles import current
from retention import holds, monitor, ordering
from retention.destruction import destroy_due
from retention.models import Clock, Destruction, Ground, PartOrder
from retention.values import NotAlone
from subject_requests import contested, drafts, narrowing, parts_gone, selectors, services, unlawful
from subject_requests import monitor as desk_monitor
from subject_requests.answers import giving
from subject_requests.kinds import Contest, DropReason, Identity, Met, Outcome, RequestKind, State
from subject_requests.models import AnswerFile, ContestedPart, Request
from tests.factories.answers import make_answer_set
from tests.factories.retention import make_modest_person
from tests.factories.subject_requests import CLERK, COLLEAGUE, HOUR, OFFICER, RECEIVED, make_request

pytestmark = pytest.mark.django_db

NAMES = services.Chosen(categories=frozenset({"name"}))
SECOND_OFFICER = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))


@pytest.fixture
def filed() -> Request:
    """In the hands of CLERK; of somebody with an account and a name."""
    return taken(make_modest_person())


def taken(subject_id: UUID, **more: Any) -> Request:
    now = law_clock.now()
    filed = make_request(subject_id=subject_id, kind=RequestKind.UNNEEDED, received_at=now - HOUR, **more)
    services.take(request_id=filed.pk, actor=CLERK, at=now)
    filed.refresh_from_db()
    return filed


def grant(filed: Request, chosen: services.Chosen | None = NAMES) -> Request:
    now = law_clock.now()
    if chosen:
        services.choose_parts(request_id=filed.pk, chosen=chosen, actor=CLERK, at=now)
    services.answer(request_id=filed.pk, text="Уничтожили.", actor=CLERK, at=now)
    filed.refresh_from_db()
    return filed


def first_name(subject_id: UUID) -> services.Chosen:
    row = Profile.objects.get(subject_id=subject_id).pk
    return services.Chosen(values=frozenset({("accounts.Profile.first_name", row)}))


def has_name(filed: Request) -> bool:
    return Profile.objects.filter(subject_id=filed.person_id, first_name__isnull=False).exists()


def lose_the_name(filed: Request) -> None:
    with processing("rights", actor=CLERK):
        Profile.objects.filter(subject_id=filed.subject_id).update(first_name=None)


def is_blocked(filed: Request) -> bool:
    return Subject.objects.get(pk=filed.person_id).blocked_at is not None


def how(filed: Request, rule: str = "D05") -> str:
    return filed.clocks.get(rule=rule).how


# --- granted ----------------------------------------------------------------------------------------------------------


def test_chosen_category_goes_with_the_answer_and_the_rest_stays(filed: Request) -> None:
    assert is_blocked(filed)

    grant(filed)

    record = Destruction.objects.get(subject=filed.subject_id)
    assert (filed.state, filed.outcomes) == (State.ANSWERED, [Outcome.PART_ENDS])
    assert (record.scope, record.rule, record.reason["en"][:13]) == (
        {"categories": ["name"]}, "unneeded_proved", "7 working day",
    )  # fmt: skip
    assert (record.started_at, record.was_late) == (filed.received_at, False)
    assert record.norm["ru"] == "часть 3 статьи 20 Закона о персональных данных"
    assert (how(filed), has_name(filed), is_blocked(filed)) == (Met.CARRIED_OUT, False, False)
    assert not Clock.objects.filter(subject_id=filed.subject_id).exists()
    assert Subject.objects.get(pk=filed.subject_id).destroyed_at is None
    assert filed.contested_parts.get().order == record.part


def test_single_value_goes_alone(filed: Request) -> None:
    with processing("rights", actor=CLERK):
        profile = Profile.objects.get(subject_id=filed.subject_id)
        profile.last_name = "Иванова"
        profile.save()

    grant(filed, first_name(filed.subject_id))

    assert not has_name(filed)
    assert Profile.objects.filter(subject_id=filed.subject_id, last_name__isnull=False).exists()
    assert Destruction.objects.get().categories == ["name"]


def test_person_is_told_what_was_destroyed_with_a_receipt(filed: Request) -> None:
    grant(filed)

    mail = OutgoingMail.objects.get(template="request_part_destroyed")
    with processing("rights", actor=CLERK):
        details = MailContent.objects.get(mail=mail).details
        assert details is not None
        assert details["what"] == current().categories["name"].title.ru
        assert details["receipts"].count("/receipts/") == 1
        assert details["waits"] == ""
    (part,) = selectors.one_request(filed, at=law_clock.now()).granted_parts
    assert (part.number, bool(part.receipt)) == (Destruction.objects.get().number, True)


def test_log_names_the_request_the_part_and_who_ordered_it(filed: Request) -> None:
    grant(filed)

    facts = list(Event.objects.filter(subject=filed.subject_id).order_by("id").values_list("fact", flat=True))
    order = facts.index("part_destruction_ordered")
    assert facts.index("parts_chosen") < order < facts.index("part_destroyed") < facts.index("request_answered")


def test_recipients_of_what_goes_have_to_be_told(filed: Request) -> None:
    grant(filed)

    owed = {each.code for each in current().recipients.values() if "name" in each.categories}
    assert set(filed.recipient_notices.values_list("recipient", flat=True)) == owed


def test_recipients_have_to_be_told_of_everything_too(filed: Request) -> None:
    grant(filed, services.Chosen(everything=True))

    assert filed.outcomes == [Outcome.UNNEEDED_ENDS]
    assert filed.recipient_notices.count() == len([each for each in current().recipients.values() if each.categories])


def test_draft_of_the_answer_names_the_part(filed: Request) -> None:
    services.choose_parts(request_id=filed.pk, chosen=NAMES, actor=CLERK, at=law_clock.now())

    assert current().categories["name"].title.ru in drafts.answer_to(filed)


# --- refused ----------------------------------------------------------------------------------------------------------


def test_nothing_is_granted_before_somebody_said_what(filed: Request) -> None:
    with pytest.raises(services.WhichPart):
        grant(filed, None)


@pytest.mark.parametrize(
    ("chosen", "refusal"),
    [
        (services.Chosen(), services.NothingChosen),
        (services.Chosen(categories=frozenset({"email"})), NotAlone),
        (services.Chosen(categories=frozenset({"name", "email"})), NotAlone),
        (services.Chosen(categories=frozenset({"correspondence"})), ordering.NothingHeld),
        (services.Chosen(values=frozenset({("accounts.Profile.first_name", UUID(int=1))})), ordering.NothingHeld),
        (services.Chosen(values=frozenset({("accounts.Profile.nothing", UUID(int=1))})), NotAlone),
    ],
)
def test_choice_of_what_cannot_go_alone_or_is_not_there_is_refused(
    filed: Request, chosen: services.Chosen, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        services.choose_parts(request_id=filed.pk, chosen=chosen, actor=CLERK, at=law_clock.now())
    assert not filed.contested_parts.exists()


def test_only_who_has_the_request_chooses_and_only_of_somebody_known(filed: Request) -> None:
    unknown = make_request(kind=RequestKind.UNNEEDED, identity=Identity.NONE, state=State.TAKEN)

    with pytest.raises(services.NotInYourHands):
        services.choose_parts(request_id=filed.pk, chosen=NAMES, actor=COLLEAGUE, at=law_clock.now())
    with pytest.raises(services.NotKnownWhose):
        services.choose_parts(request_id=unknown.pk, chosen=NAMES, actor=CLERK, at=law_clock.now())


def test_value_that_went_meanwhile_stops_the_answer_and_nothing_is_done(filed: Request) -> None:
    services.choose_parts(request_id=filed.pk, chosen=NAMES, actor=CLERK, at=law_clock.now())
    lose_the_name(filed)

    with pytest.raises(ordering.NothingHeld):
        grant(filed, None)

    filed.refresh_from_db()
    assert (filed.state, PartOrder.objects.count()) == (State.TAKEN, 0)


def test_copy_made_for_the_answer_is_not_given_with_what_was_to_go(filed: Request) -> None:
    services.add_kinds(request_id=filed.pk, kinds=[RequestKind.ACCESS], actor=CLERK, at=law_clock.now())
    answer = make_answer_set(request=filed, at=law_clock.now())
    giving.attach(answer_id=answer.pk, actor=CLERK, at=law_clock.now())

    with pytest.raises(services.CopyGoesToo):
        grant(filed)
    assert has_name(filed)

    giving.detach(answer_id=answer.pk, actor=CLERK)
    grant(filed, None)
    assert not AnswerFile.objects.filter(subject_id=filed.subject_id).exists()


# --- what has to wait -------------------------------------------------------------------------------------------------


def test_hold_keeps_the_part_blocked_until_it_ends(filed: Request) -> None:
    now = law_clock.now()
    hold = holds.place_hold(
        subject_id=filed.subject_id, ground=Ground.COURT, until=now + timedelta(days=2), actor=OFFICER, at=now
    )
    grant(filed)
    assert (has_name(filed), is_blocked(filed), how(filed)) == (True, True, "")
    assert ordering.carry_out_due(law_clock.now()) == (0, 0)
    assert parts_gone.finish(now) == 0

    now = law_clock.now()
    holds.release_hold(hold_id=hold.pk, actor=SECOND_OFFICER, at=now)
    assert ordering.carry_out_due(now) == (1, 0)
    assert [parts_gone.finish(now), parts_gone.finish(now)] == [1, 0]

    assert (has_name(filed), is_blocked(filed), how(filed)) == (False, False, Met.CARRIED_OUT)
    told = list(OutgoingMail.objects.order_by("pk").values_list("template", flat=True))
    assert told.count("request_part_destroyed") == 2
    assert Event.objects.filter(fact="parts_gone").count() == 1
    with processing("rights", actor=CLERK):
        assert "уничтож" in filed.messages.last().text  # type: ignore[union-attr]


def test_many_values_wait_for_a_second_person(filed: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "LARGE", 0)
    grant(filed)
    order = PartOrder.objects.get()
    assert (order.waits_for_a_second, how(filed), is_blocked(filed)) == (True, "", True)
    assert monitor.overdue_count(law_clock.now()) == 0
    assert monitor.overdue_count(order.late_at) == 1

    ordering.agree_to_part(order_id=order.pk, actor=OFFICER, at=law_clock.now())
    parts_gone.finish(law_clock.now())

    assert (how(filed), is_blocked(filed), has_name(filed)) == (Met.CARRIED_OUT, False, False)


def test_part_that_went_another_way_meanwhile_ends_the_order_without_a_record(filed: Request) -> None:
    now = law_clock.now()
    hold = holds.place_hold(
        subject_id=filed.subject_id, ground=Ground.COURT, until=now + timedelta(days=2), actor=OFFICER, at=now
    )
    grant(filed)
    lose_the_name(filed)
    now = law_clock.now()
    holds.release_hold(hold_id=hold.pk, actor=SECOND_OFFICER, at=now)

    assert ordering.carry_out_due(now) == (1, 0)
    assert parts_gone.finish(now) == 1
    assert (Destruction.objects.count(), how(filed)) == (0, Met.CARRIED_OUT)


def test_another_check_keeps_the_block(filed: Request) -> None:
    make_request(subject_id=filed.subject_id, kind=RequestKind.BLOCKING, received_at=law_clock.now())

    grant(filed)

    assert is_blocked(filed)


# --- unlawful processing that was found -------------------------------------------------------------------------------


def found(filed: Request, chosen: services.Chosen = NAMES) -> None:
    now = law_clock.now()
    services.note_unlawful(
        request_id=filed.pk, found_at=now, text="Нашли в рассылке.", actor=CLERK, at=now, chosen=chosen
    )


def test_part_processed_unlawfully_goes_when_ten_working_days_are_over(filed: Request) -> None:
    found(filed)
    order = PartOrder.objects.get()
    day = filed.clocks.get(rule="D09").due_at
    assert (order.norm, order.rule, has_name(filed)) == ("unlawful", "unlawful_found", True)
    assert order.due_at <= day

    assert ordering.carry_out_due(order.due_at - timedelta(seconds=1)) == (0, 0)
    assert ordering.carry_out_due(order.due_at) == (1, 0)
    parts_gone.finish(order.due_at)

    assert (how(filed, "D09"), has_name(filed)) == (Met.CARRIED_OUT, False)
    assert is_blocked(filed)  # the request itself is still being looked into


def test_part_whose_processing_was_made_lawful_stays(filed: Request) -> None:
    found(filed)
    services.note_lawful(request_id=filed.pk, text="Получили согласие.", actor=OFFICER, at=law_clock.now())
    order = PartOrder.objects.get()

    assert ordering.carry_out_due(order.due_at) == (0, 0)
    assert has_name(filed)
    with pytest.raises(unlawful.FoundBefore):
        found(filed)


def test_clock_of_who_was_recognised_in_a_letter_is_met_by_their_destruction() -> None:
    person = make_modest_person()
    stranger = services.subject_for_stranger(at=RECEIVED, actor=CLERK, address="guest@example.org")
    letter = make_request(
        subject_id=stranger.pk, kind=RequestKind.DESTRUCTION, actor=CLERK, identity=Identity.NONE, state=State.TAKEN
    )
    services.identify(
        request_id=letter.pk, identity=Identity.DOCUMENT, actor=CLERK, at=RECEIVED + HOUR, about_id=person
    )
    services.answer(request_id=letter.pk, text="Уничтожим.", actor=CLERK, at=RECEIVED + 100 * HOUR)
    due = Clock.objects.get(subject_id=person).due_at
    assert (parts_gone.meet_of_the_gone(), how(letter, "D13")) == (0, "")

    assert destroy_due(due).destroyed == 1
    assert (parts_gone.meet_of_the_gone(), parts_gone.meet_of_the_gone()) == (1, 0)
    assert (how(letter, "D13"), desk_monitor.overdue(due + timedelta(days=3)).terms) == (Met.CARRIED_OUT, 0)


# --- the database -----------------------------------------------------------------------------------------------------


def refused(constraint: str) -> Any:
    return pytest.raises(IntegrityError, match=constraint)


def test_database_refuses_to_grant_what_was_not_chosen(filed: Request) -> None:
    done = {"state": State.ANSWERED, "closed_by": CLERK.id, "closed_at": law_clock.now()}
    mine = Request.objects.filter(pk=filed.pk)

    for outcome in (Outcome.UNNEEDED_ENDS, Outcome.PART_ENDS, Outcome.EXPLAINED):
        with refused("what is granted is what was chosen"), transaction.atomic():
            mine.update(**done, outcomes=[outcome])
    services.choose_parts(request_id=filed.pk, chosen=NAMES, actor=CLERK, at=law_clock.now())
    for outcome in (Outcome.UNNEEDED_ENDS, Outcome.PART_ENDS):  # chosen, but not ordered
        with refused("what is granted is what was chosen"), transaction.atomic():
            mine.update(**done, outcomes=[outcome])


def test_database_refuses_to_change_what_was_ordered_or_to_choose_afterwards(filed: Request) -> None:
    grant(filed)
    (part,) = filed.contested_parts.all()

    for change in ({"order": None}, {"category": "email"}, {"ground": Contest.UNLAWFUL}):
        with refused("does not change"), transaction.atomic():
            ContestedPart.objects.filter(pk=part.pk).update(**change)
    with refused("does not change"), transaction.atomic():
        part.delete()
    with refused("does not change"), transaction.atomic():
        ContestedPart.objects.create(
            request=filed, subject_id=filed.subject_id, ground=Contest.UNNEEDED, chosen_at=filed.received_at,
            chosen_by=CLERK.id,
        )  # fmt: skip


def test_database_refuses_everything_beside_a_part(filed: Request) -> None:
    services.choose_parts(request_id=filed.pk, chosen=NAMES, actor=CLERK, at=law_clock.now())

    with refused("everything stands alone"), transaction.atomic():
        ContestedPart.objects.create(
            request=filed, subject_id=filed.subject_id, ground=Contest.UNNEEDED, chosen_at=filed.received_at,
            chosen_by=CLERK.id,
        )  # fmt: skip


def test_kind_that_is_dropped_takes_its_choice_along(filed: Request) -> None:
    services.choose_parts(request_id=filed.pk, chosen=NAMES, actor=CLERK, at=law_clock.now())
    services.add_kinds(request_id=filed.pk, kinds=[RequestKind.ACCESS], actor=CLERK, at=law_clock.now())

    narrowing.drop_kind(
        request_id=filed.pk, kind=RequestKind.UNNEEDED, why=DropReason.NOT_ASKED, actor=CLERK, at=law_clock.now()
    )  # fmt: skip

    assert contested.of(filed) is None
