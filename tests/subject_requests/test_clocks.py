"""Every vector of the law for requests, more time, calendars that come later, and who counts what is late."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from law import calendar
from law.models import CalendarDayOverride
from notifications.models import OutgoingMail
from processing_log.actors import Actor
from processing_log.models import Event
from subject_requests import monitor, services
from subject_requests.kinds import Identity, Met, RequestKind, State
from subject_requests.models import Message, Request, RequestClock
from tests.factories.accounts import make_user
from tests.factories.personal_data import make_subject, person
from tests.factories.subject_requests import CLERK, HOUR, RECEIVED, make_request

pytestmark = pytest.mark.django_db

JOB = Actor.system("test")
NIGHT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)  # Sunday, half past two in Moscow


def dues(filed: Request) -> dict[str, date]:
    return {clock.rule: clock.due_on for clock in filed.clocks.all()}


def clock_of(filed: Request, rule: str = "D01") -> RequestClock:
    return RequestClock.objects.get(request=filed, rule=rule)


def extend(filed: Request, at: datetime = RECEIVED + HOUR, text: str = "Нужны сведения из архива") -> None:
    services.extend(clock_id=clock_of(filed).pk, text=text, actor=CLERK, at=at)


def test_delete_my_data_and_stop_the_ads_shows_three_clocks():
    user = make_user()

    filed = make_request(
        subject_id=user.subject_id, kinds=[RequestKind.DESTRUCTION, RequestKind.STOP_ADS], received_at=RECEIVED
    )

    assert dues(filed) == {"D17": date(2026, 11, 20), "D14": date(2026, 12, 4), "D13": date(2026, 12, 21)}
    assert clock_of(filed, "D13").target_on == date(2026, 12, 18)
    assert (clock_of(filed, "D17").how, clock_of(filed, "D17").met_at) == (Met.AT_ONCE, RECEIVED)
    assert filed.state == State.NEW
    assert filed.due_on == date(2026, 12, 4)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("access", {"D01": date(2026, 12, 4)}),
        ("clarification", {"D04": date(2026, 12, 1)}),
        ("blocking", {"D06": date(2026, 11, 20), "D07": date(2026, 12, 1)}),
        ("unblocking", {"D07": date(2026, 12, 1)}),
        ("destruction", {"D14": date(2026, 12, 4), "D13": date(2026, 12, 21)}),
        ("withdrawal", {"D14": date(2026, 12, 4), "D13": date(2026, 12, 21)}),
        ("stop_processing", {"D14": date(2026, 12, 4)}),
        ("stop_ads", {"D17": date(2026, 11, 20)}),
        ("auto_decision", {"D18": date(2026, 12, 21)}),
        ("complaint", {"D31": date(2026, 12, 4)}),
    ],
)
def test_each_kind_starts_the_clocks_of_its_rules(kind, expected):
    filed = make_request(kind=RequestKind(kind))

    assert dues(filed) == expected
    assert all(clock.started_at == RECEIVED and clock.law.article == clock.article for clock in filed.clocks.all())


def test_clock_starts_at_receipt_at_night_on_a_day_off_for_nobody_in_particular():
    stranger = services.subject_for_stranger(at=NIGHT, actor=Actor.stranger(), address="nobody@example.org")

    filed = make_request(subject_id=stranger.pk, identity=Identity.NONE, received_at=NIGHT, actor=Actor.stranger())

    assert clock_of(filed).started_at == NIGHT
    assert filed.due_on == date(2026, 12, 4)


def test_clock_of_a_letter_runs_from_its_receipt_and_not_from_when_it_was_entered():
    filed = make_request(
        channel="post",
        identity=Identity.DOCUMENT,
        actor=CLERK,
        entered_at=RECEIVED + timedelta(days=3),
        paper=services.Paper(place="7/12", sheets=2),
    )

    assert clock_of(filed).started_at == RECEIVED
    assert (filed.entered_at, filed.paper_place, filed.paper_sheets) == (RECEIVED + timedelta(days=3), "7/12", 2)


def test_neither_asking_the_person_nor_finding_out_who_they_are_moves_a_clock():
    filed = make_request(identity=Identity.NONE, actor=Actor.stranger(), state=State.WAITING)
    before = dues(filed)

    services.add_words(request_id=filed.pk, text="Вот паспорт", actor=Actor.stranger(), at=RECEIVED + 50 * HOUR)
    services.identify(request_id=filed.pk, identity=Identity.DOCUMENT, actor=CLERK, at=RECEIVED + 51 * HOUR)

    filed.refresh_from_db()
    assert dues(filed) == before
    assert filed.state == State.TAKEN


def test_more_found_in_a_message_counts_from_its_receipt():
    filed = make_request(state=State.TAKEN)

    services.add_kinds(
        request_id=filed.pk, kinds=[RequestKind.CLARIFICATION], actor=CLERK, at=RECEIVED + timedelta(days=4)
    )

    assert dues(filed) == {"D01": date(2026, 12, 4), "D04": date(2026, 12, 1)}
    filed.refresh_from_db()
    assert filed.due_on == date(2026, 12, 1)


def test_extension_gives_five_working_days_and_tells_the_person_why():
    filed = make_request(state=State.TAKEN)

    extend(filed)

    clock, notice = clock_of(filed), Message.objects.get(request=filed, kind="extension")
    assert (clock.due_on, clock.notice, clock.extended_at) == (date(2026, 12, 11), notice.pk, RECEIVED + HOUR)
    assert notice.shown_at == RECEIVED + HOUR
    mail = OutgoingMail.objects.get(template="request_extended")
    assert (mail.subject_id, mail.context["due_on"]) == (filed.subject_id, "2026-12-11")
    assert Event.objects.filter(fact="term_extended", reason=filed.number, actor_id=CLERK.id).count() == 1


@pytest.mark.parametrize("case", ["twice", "too late", "no second term", "closed"])
def test_extension_is_refused(case):
    kind = RequestKind.AUTO_DECISION if case == "no second term" else RequestKind.ACCESS
    filed = make_request(kind=kind, state=State.ANSWERED if case == "closed" else State.TAKEN)
    clock, at = filed.clocks.get(), RECEIVED + HOUR
    if case == "twice":
        extend(filed)
    if case == "too late":
        at = clock.due_at + timedelta(seconds=1)
    messages = Message.objects.filter(request=filed).count()

    with pytest.raises(services.NoMoreTime):
        services.extend(clock_id=clock.pk, text="Ещё немного", actor=CLERK, at=at)

    assert Message.objects.filter(request=filed).count() == messages


def test_extension_needs_reasons():
    filed = make_request(state=State.TAKEN)

    with pytest.raises(services.NothingWritten):
        extend(filed, text=" ")


def test_database_refuses_more_time_after_the_term_even_with_a_notice():
    filed = make_request(state=State.TAKEN)
    clock = clock_of(filed)
    extend(filed)
    notice = clock_of(filed).notice
    other = make_request(state=State.TAKEN)

    with pytest.raises(IntegrityError, match="made longer once"):
        RequestClock.objects.filter(request=other).update(
            extended_at=clock.due_at + HOUR, extended_by=CLERK.id, notice=notice, due_at=clock.due_at + 99 * HOUR
        )


def test_term_in_a_year_without_a_decree_is_counted_anew_when_the_calendar_comes(monkeypatch):
    filed = make_request(received_at=datetime(2027, 12, 29, 9, tzinfo=UTC))
    assert (filed.provisional, filed.due_on) == (True, date(2028, 1, 20))
    CalendarDayOverride.objects.create(date=date(2028, 1, 10), working=False, source="постановление")
    monkeypatch.setattr(calendar.ProductionCalendar, "is_confirmed", lambda *args: True)

    assert services.recount_provisional(actor=JOB) == 1
    assert services.recount_provisional(actor=JOB) == 0

    filed.refresh_from_db()
    assert (filed.provisional, filed.due_on) == (False, date(2028, 1, 21))
    assert Event.objects.filter(fact="term_recounted", reason=filed.number).count() == 1


def test_monitor_counts_what_is_late_without_the_desk():
    late, _fine = make_request(), make_request(state=State.ANSWERED)
    at = late.due_at + HOUR

    found = monitor.overdue(at)

    assert (found.terms, found.requests, found.untaken, found.since) == (1, 1, 1, late.due_at)
    assert monitor.overdue(RECEIVED + HOUR).is_well


def test_monitor_counts_a_destruction_that_was_granted_and_has_not_happened():
    filed = make_request(kind=RequestKind.DESTRUCTION, state=State.ANSWERED)

    assert monitor.overdue(clock_of(filed, "D13").due_at + HOUR).terms == 1


def test_command_says_how_much_is_late_and_fails(capsys, time_machine):
    make_request()
    time_machine.move_to(RECEIVED + timedelta(days=30), tick=False)

    with pytest.raises(SystemExit):
        call_command("overdue_requests", "--json")

    assert json.loads(capsys.readouterr().out)["terms"] == 1


def test_person_takes_the_request_back_and_its_clocks_stop():
    subject = make_subject()
    filed = make_request(subject_id=subject.id, state=State.TAKEN)

    services.withdraw(request_id=filed.pk, actor=person(subject.id), at=RECEIVED + 2 * HOUR)

    filed.refresh_from_db()
    assert (filed.state, clock_of(filed).how) == (State.WITHDRAWN, Met.WITHDRAWN)
