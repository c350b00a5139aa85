"""The acts on subscriptions. The last day decides: once it is over, the clock of retention runs from its 24:00."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from billing.days import TRIGGER, moment_of_end, today
from billing.facts import Fact
from billing.models import Subscription
from personal_data.errors import Blocked, Destroyed
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from retention.services import cancel_clock, start_clock

PURPOSE: Final = "subscription"


class HasOneAlready(Exception):
    """The person has a subscription; its last day can be moved."""


class NoSubscription(LookupError):
    """The person has no subscription, or is gone."""


class EndsBeforeItStarts(ValueError):
    """The last day lies before the first."""


class NotForStaff(ValueError):
    """Only users subscribe."""


def open_subscription(*, subject_id: UUID, starts_on: date, ends_on: date, actor: Actor, at: datetime) -> Subscription:
    """A last day in the past is allowed: staff may enter late what has ended, and the term counts from that day.

    Raises HasOneAlready, EndsBeforeItStarts, NotForStaff, Blocked, Destroyed."""
    if ends_on < starts_on:
        raise EndsBeforeItStarts
    with processing(PURPOSE, actor=actor) as act:
        subject = _lock(subject_id)
        if Subscription.objects.filter(subject=subject).exists():
            raise HasOneAlready(str(subject_id))
        subscription = Subscription.objects.create(subject=subject, starts_on=starts_on, ends_on=ends_on)
        act.record(Fact.SUBSCRIPTION_OPENED.value, subject=subject_id)
        _draw_consequences(act, subscription, actor, at)
    return subscription


def set_subscription_end(*, subject_id: UUID, ends_on: date, actor: Actor, at: datetime) -> Subscription:
    """Moves the last day. Moved to today or later, an ended subscription goes on and its clock is cancelled; moved into
    the past, it ends and the clock counts from the new day.

    Raises NoSubscription, EndsBeforeItStarts, Blocked, Destroyed."""
    with processing(PURPOSE, actor=actor) as act:
        _lock(subject_id)
        subscription = Subscription.objects.filter(subject_id=subject_id).first()
        if subscription is None:
            raise NoSubscription(str(subject_id))
        if ends_on < subscription.starts_on:
            raise EndsBeforeItStarts
        if ends_on != subscription.ends_on:
            subscription.ends_on, subscription.ended_at = ends_on, None
            subscription.save(update_fields=["ends_on", "ended_at"])
            cancel_clock(subject_id=subject_id, trigger=TRIGGER, actor=actor, at=at)
            act.record(Fact.SUBSCRIPTION_MOVED.value, subject=subject_id)
            _draw_consequences(act, subscription, actor, at)
    return subscription


def end_subscription(*, subscription_id: int, actor: Actor, at: datetime) -> bool:
    """Starts the clock of a subscription whose last day is over. False when it was renewed, ended or destroyed."""
    with processing("retention", actor=actor) as act:
        over = Subscription.objects.to_be_ended(today(at)).filter(pk=subscription_id)
        living = Subject.objects.filter(subscription__in=over, destroyed_at=None).select_for_update(no_key=True)
        if not living.exists():
            return False
        subscription = over.first()
        return subscription is not None and _draw_consequences(act, subscription, actor, at)


def _draw_consequences(act: Scope, subscription: Subscription, actor: Actor, at: datetime) -> bool:
    if not Subscription.objects.to_be_ended(today(at)).filter(pk=subscription.pk).update(ended_at=at):
        return False
    subscription.ended_at = at
    ended = moment_of_end(subscription.ends_on)
    start_clock(subject_id=subscription.subject_id, trigger=TRIGGER, at=ended, actor=actor)
    act.record(Fact.SUBSCRIPTION_ENDED.value, subject=subscription.subject_id)
    return True


def _lock(subject_id: UUID) -> Subject:
    """Nobody's subscription is opened or prolonged while their data is blocked: they have asked to leave."""
    subject = Subject.objects.select_for_update(no_key=True).filter(pk=subject_id).first()
    if subject is None:
        raise NoSubscription(str(subject_id))
    if subject.destroyed_at:
        raise Destroyed(str(subject_id))
    if subject.blocked_at:
        raise Blocked(str(subject_id))
    if subject.kind != "user":
        raise NotForStaff(str(subject_id))
    return subject
