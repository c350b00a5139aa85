from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError

from personal_data.errors import Destroyed
from personal_data.models import Subject
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from retention import monitor
from retention.destruction import destroy_due
from retention.holds import (
    HeldAlready,
    NoHold,
    NothingIsDue,
    SecondPersonNeeded,
    TooLong,
    confirm_hold,
    place_hold,
    release_hold,
)
from retention.models import UNCONFIRMED, Destruction, Ground, Hold, Obstacle
from tests.factories.retention import DUE, ENDED, LATE, make_clock

DAY = timedelta(days=1)
ONE, OTHER = (Actor(kind=ActorKind.STAFF, id=str(uuid4())) for _ in range(2))
pytestmark = pytest.mark.django_db


def held(*, days: int = 60, confirmed: bool = True, **more: Any) -> Hold:
    subject_id = make_clock().subject_id
    hold = place_hold(
        subject_id=subject_id, ground=Ground.COURT, until=DUE + days * DAY, actor=ONE, at=ENDED + DAY, **more
    )
    return confirm_hold(hold_id=hold.pk, actor=OTHER, at=ENDED + DAY) if confirmed else hold


def is_there(subject_id: UUID) -> bool:
    return Subject.objects.filter(pk=subject_id, destroyed_at=None).exists()


def test_hold_keeps_the_person_until_its_end_and_not_a_second_longer() -> None:
    hold = held()

    destroy_due(hold.until - timedelta(seconds=1))
    kept = is_there(hold.subject_id)
    destroy_due(hold.until)

    assert kept
    assert not is_there(hold.subject_id)
    record = Destruction.objects.get()
    assert record.held_until == hold.until
    assert not record.was_late


def test_released_hold_lets_the_next_sweep_destroy() -> None:
    hold = held()
    release_hold(hold_id=hold.pk, actor=OTHER, at=LATE)

    assert destroy_due(LATE + DAY).destroyed == 1
    assert Destruction.objects.get().held_until == LATE


def test_hold_that_nobody_else_confirms_lapses_after_three_days() -> None:
    subject_id = make_clock().subject_id
    place_hold(subject_id=subject_id, ground=Ground.COURT, until=DUE + 60 * DAY, actor=ONE, at=DUE - DAY)

    assert destroy_due(DUE - DAY + UNCONFIRMED - timedelta(seconds=1)).destroyed == 0
    assert destroy_due(DUE - DAY + UNCONFIRMED).destroyed == 1


def test_confirm_hold_refuses_whoever_placed_it() -> None:
    hold = held(confirmed=False)

    with pytest.raises(SecondPersonNeeded):
        confirm_hold(hold_id=hold.pk, actor=ONE, at=ENDED + DAY)


def test_database_refuses_a_hold_confirmed_by_whoever_placed_it() -> None:
    hold = held(confirmed=False)

    with pytest.raises(IntegrityError, match="hold_is_confirmed_by_another_person"):
        Hold.objects.filter(pk=hold.pk).update(confirmed_by=hold.placed_by, confirmed_at=DUE)


def test_database_refuses_to_change_or_delete_a_hold() -> None:
    hold = held()

    with pytest.raises(DatabaseError, match="never changed"):
        Hold.objects.filter(pk=hold.pk).update(until=hold.until + DAY)


def test_place_hold_refuses_a_second_one_by_the_same_norm_and_takes_one_by_another() -> None:
    hold = held()

    with pytest.raises(HeldAlready):
        place_hold(subject_id=hold.subject_id, ground=Ground.COURT, until=DUE, actor=ONE, at=ENDED + DAY)
    place_hold(subject_id=hold.subject_id, ground=Ground.AUTHORITY, until=DUE, actor=ONE, at=ENDED + DAY)


def test_place_hold_by_the_same_norm_is_possible_once_the_first_is_over() -> None:
    hold = held(days=1)

    place_hold(subject_id=hold.subject_id, ground=Ground.COURT, until=DUE + 9 * DAY, actor=ONE, at=hold.until)

    assert Hold.objects.in_force(hold.until).count() == 1


def test_place_hold_refuses_somebody_who_is_gone() -> None:
    subject_id = make_clock().subject_id
    destroy_due(DUE)

    with pytest.raises(Destroyed):
        place_hold(subject_id=subject_id, ground=Ground.COURT, until=DUE + DAY, actor=ONE, at=DUE)


def test_release_hold_refuses_one_that_is_over() -> None:
    hold = held(days=1)

    with pytest.raises(NoHold):
        release_hold(hold_id=hold.pk, actor=ONE, at=hold.until)


def impossible(until: object, *, at: object = DUE) -> Hold:
    return place_hold(
        subject_id=make_clock().subject_id,
        ground=Ground.IMPOSSIBLE,
        obstacle=Obstacle.STORAGE,
        until=until,  # type: ignore[arg-type]
        actor=ONE,
        at=at,  # type: ignore[arg-type]
    )


def test_impossible_destruction_blocks_the_person_for_six_months_from_the_trigger_at_most() -> None:
    with pytest.raises(TooLong) as refused:
        impossible(ENDED + 185 * DAY)
    assert refused.value.limit_at

    hold = impossible(refused.value.limit_at)

    subject = Subject.objects.get(pk=hold.subject_id)
    assert subject.blocked_at == DUE
    assert refused.value.limit_at.date().isoformat() == "2027-05-20"


def test_impossible_destruction_needs_a_term_that_runs() -> None:
    subject = Subject.objects.create_for(kind="user", at=ENDED)  # type: ignore[arg-type]

    with pytest.raises(NothingIsDue):
        place_hold(subject_id=subject.pk, ground=Ground.IMPOSSIBLE, until=DUE, actor=ONE, at=ENDED)


def test_database_refuses_an_impossible_destruction_without_a_reason() -> None:
    with pytest.raises(IntegrityError, match="hold_of_the_impossible"):
        place_hold(subject_id=make_clock().subject_id, ground=Ground.IMPOSSIBLE, until=DUE + DAY, actor=ONE, at=DUE)


def test_database_refuses_the_record_of_a_destruction_that_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the job forgets to ask."""
    hold = held()
    monkeypatch.setattr("retention.stops.HoldQuerySet.in_force", lambda self, at: self.none())

    assert destroy_due(DUE).failed == 1
    assert is_there(hold.subject_id)


def test_monitor_leaves_out_whoever_is_held_and_for_a_day_after() -> None:
    hold = held(days=30)

    assert monitor.overdue_count(hold.until) == 0
    assert monitor.figures(hold.until - DAY).held == 1
    assert monitor.overdue_count(hold.until + DAY) == 1


def test_every_step_of_a_hold_is_in_the_log() -> None:
    hold = held()
    release_hold(hold_id=hold.pk, actor=ONE, at=DUE)

    facts = Event.objects.filter(subject=hold.subject_id, fact__startswith="hold_").order_by("id")
    assert list(facts.values_list("fact", flat=True)) == ["hold_placed", "hold_confirmed", "hold_released"]


def test_hold_that_nobody_may_speak_of_leaves_no_trace_in_the_persons_log() -> None:
    subject_id = make_clock().subject_id
    place: Any = {"subject_id": subject_id, "until": LATE, "at": ENDED, "actor": ONE}
    silent = place_hold(ground=Ground.AUTHORITY, may_tell=False, **place)
    confirm_hold(hold_id=silent.pk, actor=OTHER, at=ENDED)
    release_hold(hold_id=silent.pk, actor=OTHER, at=ENDED)
    place_hold(ground=Ground.COURT, **place)

    about_them = Event.objects.filter(subject=subject_id, fact__startswith="hold_")
    assert list(about_them.values_list("fact", flat=True)) == ["hold_placed"]
    told = Event.objects.filter(subject=None, reason=f"authority {silent.pk}").order_by("id")
    assert list(told.values_list("fact", flat=True)) == ["hold_placed", "hold_confirmed", "hold_released"]
