from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from personal_data.errors import Destroyed
from personal_data.models import Subject, SubjectKind
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from retention import receipts, rules
from retention.models import Clock
from retention.services import WHOLE_PERSON, WhichConsent, cancel_clock, start_clock
from tests.factories.personal_data import make_subject, person
from tests.factories.retention import DUE, ENDED, JOB, LATE, make_clock

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)


def facts(subject_id: UUID) -> Any:
    events = Event.objects.filter(subject=subject_id).order_by("pk")
    return [(event.fact, event.purpose, event.reason, event.actor_kind) for event in events]


def gone(subject: Subject) -> None:
    Subject.objects.filter(pk=subject.pk).update(destroyed_at=ENDED, wrapped_key=None)


def test_start_clock_counts_thirty_days_and_says_so_in_the_log() -> None:
    subject = make_subject()

    clock = start_clock(subject_id=subject.id, trigger="account_deleted", at=ENDED, actor=person(subject.id))

    assert clock
    assert (clock.started_at, clock.due_at, clock.late_at) == (ENDED, DUE, LATE)
    assert (clock.rule, clock.purpose, clock.cancelled_at) == ("account_deleted", "", None)
    assert bytes(clock.receipt_digest) == receipts.digest(receipts.code_for(subject.id))
    assert facts(subject.id) == [("clock_started", "retention", "account_deleted", "user")]


def test_start_clock_leaves_one_that_runs_as_it_is() -> None:
    first = make_clock()

    again = start_clock(subject_id=first.subject_id, trigger=first.trigger, at=ENDED + A_DAY, actor=JOB)

    assert again == first
    assert Clock.objects.get().started_at == ENDED
    assert len(facts(first.subject_id)) == 1


def test_start_clock_of_another_trigger_runs_beside_the_first() -> None:
    first = make_clock()

    make_clock(subject_id=first.subject_id, trigger="account_deleted", started_at=ENDED + A_DAY)

    assert Clock.objects.running().count() == 2


def test_start_clock_refuses_a_trigger_that_the_profile_does_not_know() -> None:
    with pytest.raises(rules.UnknownTrigger):
        start_clock(subject_id=make_subject().id, trigger="destroyed", at=ENDED, actor=JOB)


def test_start_clock_refuses_a_rule_for_people_of_another_kind() -> None:
    staff = make_subject(kind=SubjectKind.STAFF)

    with pytest.raises(rules.NotForThisKind):
        start_clock(subject_id=staff.id, trigger="subscription_ended", at=ENDED, actor=JOB)

    assert not Clock.objects.exists()


def test_start_clock_refuses_somebody_who_is_destroyed() -> None:
    subject = make_subject()
    gone(subject)

    with pytest.raises(Destroyed):
        start_clock(subject_id=subject.id, trigger="account_deleted", at=ENDED, actor=JOB)


def test_cancel_clock_stops_it_once() -> None:
    clock = make_clock()
    staff = Actor(kind=ActorKind.STAFF, id="22222222-2222-4222-8222-222222222222")

    def cancel() -> bool:
        return cancel_clock(subject_id=clock.subject_id, trigger=clock.trigger, actor=staff, at=ENDED + A_DAY)

    assert [cancel(), cancel()] == [True, False]

    clock.refresh_from_db()
    assert clock.cancelled_at == ENDED + A_DAY
    assert facts(clock.subject_id)[1:] == [("clock_cancelled", "retention", "subscription_ended", "staff")]


def test_clock_can_start_anew_after_it_was_cancelled() -> None:
    clock = make_clock(cancelled_at=ENDED + A_DAY)

    again = make_clock(subject_id=clock.subject_id, started_at=ENDED + 2 * A_DAY)

    assert again != clock
    assert list(Clock.objects.running()) == [again]


# --- withdrawal of consents -------------------------------------------------------------------------------------------


def test_withdrawal_must_say_of_what() -> None:
    with pytest.raises(WhichConsent):
        start_clock(subject_id=make_subject().id, trigger="consent_withdrawn", at=ENDED, actor=JOB)


def test_withdrawal_of_one_consent_destroys_nothing_that_a_contract_covers() -> None:
    subject = make_subject()

    clock = start_clock(subject_id=subject.id, trigger="consent_withdrawn", purpose="ads", at=ENDED, actor=JOB)

    assert clock is None
    assert facts(subject.id) == [("kept_on_another_ground", "retention", "ads", "system")]


def test_withdrawal_of_everything_ends_the_person() -> None:
    subject = make_subject()

    start_clock(subject_id=subject.id, trigger="consent_withdrawn", purpose=WHOLE_PERSON, at=ENDED, actor=JOB)

    assert Clock.objects.due(DUE).get().subject_id == subject.id


# --- what the database refuses whoever connects -----------------------------------------------------------------------


def test_database_refuses_a_second_running_clock() -> None:
    clock = make_clock()

    with pytest.raises(IntegrityError, match="clock_runs_once"), transaction.atomic():
        Clock.objects.create(
            subject_id=clock.subject_id,
            trigger=clock.trigger,
            rule=clock.rule,
            started_at=ENDED,
            due_at=DUE,
            late_at=LATE,
            receipt_digest=b"",
        )


@pytest.mark.parametrize("moved", [{"due_at": ENDED}, {"started_at": ENDED - A_DAY}, {"late_at": LATE + A_DAY}])
def test_database_refuses_to_move_a_term(moved: Any) -> None:
    clock = make_clock()

    with pytest.raises(IntegrityError, match="keeps its term"), transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(**moved)


def test_database_refuses_to_revive_a_cancelled_clock() -> None:
    clock = make_clock(cancelled_at=ENDED + A_DAY)

    with pytest.raises(IntegrityError, match="keeps its term"), transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(cancelled_at=None)


def test_database_refuses_a_clock_for_somebody_who_is_destroyed() -> None:
    subject = make_subject()
    gone(subject)

    with pytest.raises(DatabaseError, match="the subject is destroyed"), transaction.atomic():
        Clock.objects.create(
            subject=subject, trigger="t", rule="r", started_at=ENDED, due_at=DUE, late_at=LATE, receipt_digest=b""
        )


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("clock_is_due_after_it_started", {"started_at": DUE + A_DAY}),
        ("clock_leaves_time_to_destroy", {"late_at": DUE}),
        ("clock_cancelled_after_it_started", {"cancelled_at": ENDED - A_DAY}),
    ],
)
def test_database_refuses_a_clock_that_makes_no_sense(constraint: Any, values: Any) -> None:
    clock = {"started_at": ENDED, "due_at": DUE, "late_at": LATE} | values

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Clock.objects.create(subject=make_subject(), trigger="t", rule="r", receipt_digest=b"", **clock)


@pytest.mark.parametrize("statement", ["UPDATE {} SET running = 2", "DELETE FROM {}", "TRUNCATE {}"])
def test_database_does_not_let_the_application_change_records(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("retention_destruction"))
