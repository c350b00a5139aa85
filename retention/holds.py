"""Holds: what stops a destruction that is due, and for how long. Placed by one person, confirmed by another."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from law import deadlines
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from retention.facts import Fact
from retention.models import Clock, Ground, Hold, PartOrder
from retention.services import lock_living

IMPOSSIBLE_RULE: Final = "D15"


class HeldAlready(Exception):
    """A hold by this norm stands."""


class TooLong(ValueError):
    """The hold would end before it begins, or the law sets an earlier end: `limit_at`."""

    def __init__(self, limit_at: datetime | None = None) -> None:
        super().__init__(limit_at)
        self.limit_at = limit_at


class NothingIsDue(LookupError):
    """What cannot be destroyed has to be due: no term runs for the person."""


class SecondPersonNeeded(PermissionError):
    """Whoever placed a hold cannot confirm it."""


class NoHold(LookupError):
    """No such hold stands any more."""


def place_hold(
    *, subject_id: UUID, ground: Ground, until: datetime, actor: Actor, at: datetime, obstacle: str = "",
    may_tell: bool = True,
) -> Hold:  # fmt: skip
    """Works from now on, for three days; confirmed by a second person, until `until`. With Ground.IMPOSSIBLE the
    person's data is blocked besides.

    Raises HeldAlready, TooLong, NothingIsDue, Destroyed."""
    with processing("retention", actor=actor, reason=ground.value) as act:
        subject = lock_living(subject_id)
        limit_at = _limit(subject_id) if ground == Ground.IMPOSSIBLE else None
        if until <= at or (limit_at and until > limit_at):
            raise TooLong(limit_at)
        _end_what_is_over(subject_id, at)
        hold = Hold(
            subject=subject, ground=ground, obstacle=obstacle, until=until, limit_at=limit_at, may_tell=may_tell,
            placed_at=at, placed_by=actor.id,
        )  # fmt: skip
        try:
            with transaction.atomic():
                hold.save(force_insert=True)
        except IntegrityError as error:
            if "hold_stands_once" in str(error):
                raise HeldAlready(str(subject_id)) from None
            raise
        if ground == Ground.IMPOSSIBLE:
            subject.block(at=at)
        _tell(act, Fact.HOLD_PLACED, hold)
    return hold


def confirm_hold(*, hold_id: int, actor: Actor, at: datetime) -> Hold:
    """Raises NoHold, SecondPersonNeeded."""
    with _standing(hold_id, actor, at) as (hold, act):
        if str(hold.placed_by) == actor.id:
            raise SecondPersonNeeded(str(hold_id))
        if not hold.confirmed_at:
            hold.confirmed_at, hold.confirmed_by = at, UUID(actor.id)
            hold.save(update_fields=["confirmed_at", "confirmed_by"])
            _tell(act, Fact.HOLD_CONFIRMED, hold)
    return hold


def release_hold(*, hold_id: int, actor: Actor, at: datetime) -> Hold:
    """What was due is destroyed by the next sweep. Raises NoHold."""
    with _standing(hold_id, actor, at) as (hold, act):
        hold.released_at, hold.released_by = at, UUID(actor.id)
        hold.save(update_fields=["released_at", "released_by"])
        _tell(act, Fact.HOLD_RELEASED, hold)
    return hold


def _tell(act: Scope, fact: Fact, hold: Hold) -> None:
    """The log is open to the person it names. Where a law forbids telling them, the entry names the hold alone."""
    act.record(fact.value, subject=hold.subject_id if hold.may_tell else None, reason=f"{hold.ground} {hold.pk}")


@contextmanager
def _standing(hold_id: int, actor: Actor, at: datetime) -> Iterator[tuple[Hold, Scope]]:
    with processing("retention", actor=actor, reason="hold") as act:
        hold = Hold.objects.in_force(at).select_for_update().filter(pk=hold_id).first()
        if hold is None:
            raise NoHold(str(hold_id))
        yield hold, act


def holds_of(subject_id: UUID, at: datetime) -> tuple[Hold, ...]:
    """The holds that keep the person's data, the one that ends last first."""
    return tuple(Hold.objects.in_force(at).filter(subject_id=subject_id).order_by("-until"))


def _limit(subject_id: UUID) -> datetime:
    """Six months from the event that started the term, of a part too: the law does not say from when, so from the
    first."""
    clocks = Clock.objects.running().filter(subject_id=subject_id, carried_at=None)
    orders = PartOrder.objects.waiting().filter(subject_id=subject_id)
    began = [*clocks.values_list("started_at", flat=True), *orders.values_list("started_at", flat=True)]
    if not began:
        raise NothingIsDue(str(subject_id))
    return deadlines.due(IMPOSSIBLE_RULE, min(began)).due_at


def _end_what_is_over(subject_id: UUID, at: datetime) -> None:
    for hold in Hold.objects.filter(subject_id=subject_id, released_at=None):
        if not hold.is_in_force(at):
            Hold.objects.filter(pk=hold.pk).update(released_at=hold.ends_at())
