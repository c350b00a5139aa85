"""Whom to tell that an order to destroy a part of their data waits for its day, and that one they were told of is off.

Once each: a notice is claimed in the transaction that puts the mail into the outbox. Nothing is said while a hold
stands that a law forbids telling of; where the person may know of the hold, they are told that it keeps the part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from personal_data.models import Subject
from retention import values
from retention.models import Destruction, Hold, Norm, PartOrder, reference
from retention.orders import PartOrderQuerySet


@dataclass(frozen=True, kw_only=True)
class Notice:
    """`number` is the order's short reference. `is_held`: the part goes when a hold has ended, not before the day."""

    subject_id: UUID
    order_id: UUID
    number: str
    norm: Norm
    categories: tuple[str, ...]
    destroy_on: date
    is_held: bool = False


def to_tell(at: datetime) -> Sequence[tuple[UUID, UUID]]:
    """Orders, and whose they are."""
    return list(_to_tell(at).order_by("due_at", "pk").values_list("pk", "subject_id"))


def claim(order_id: UUID, at: datetime) -> Notice | None:
    """None when somebody else has told, or it was taken back or carried out meanwhile."""
    order = PartOrder.objects.filter(pk=order_id).first()
    if order is None or not _lock(order.subject_id):
        return None
    mine = PartOrder.objects.filter(pk__in=_to_tell(at).filter(pk=order_id).values("pk"), told_at=None)
    if not mine.update(told_at=at):
        return None
    return _notice(order, is_held=Hold.objects.in_force(at).filter(subject_id=order.subject_id).exists())


def to_tell_off() -> Sequence[tuple[UUID, UUID]]:
    return list(_to_tell_off().order_by("told_at", "pk").values_list("pk", "subject_id"))


def claim_off(order_id: UUID, at: datetime) -> Notice | None:
    order = PartOrder.objects.filter(pk=order_id).first()
    if order is None or not _lock(order.subject_id):
        return None
    mine = PartOrder.objects.filter(pk__in=_to_tell_off().filter(pk=order_id).values("pk"), told_off_at=None)
    return _notice(order) if mine.update(told_off_at=at) else None


def _lock(subject_id: UUID) -> bool:
    """No hold is placed on them, and nothing of theirs destroyed, while they are being told."""
    return Subject.objects.select_for_update(no_key=True).filter(pk=subject_id, destroyed_at=None).exists()


def _to_tell(at: datetime) -> PartOrderQuerySet:
    """What is due and not held goes at once: there is nothing to announce."""
    holds: QuerySet[Hold] = Hold.objects.in_force(at).filter(subject_id=OuterRef("subject_id"))
    waiting = PartOrder.objects.agreed().filter(Q(due_at__gt=at) | Exists(holds), told_at=None)
    return waiting.exclude(Exists(holds.filter(may_tell=False)))


def _to_tell_off() -> PartOrderQuerySet:
    """Taken back, or closed because nothing of it was held any more: there is no record."""
    record = Destruction.objects.filter(subject=OuterRef("subject_id"), part=OuterRef("pk"))
    told = PartOrder.objects.filter(told_at__isnull=False, told_off_at=None, subject__destroyed_at=None)
    return told.filter(Q(cancelled_at__isnull=False) | Q(done_at__isnull=False) & ~Exists(record))


def _notice(order: PartOrder, *, is_held: bool = False) -> Notice:
    return Notice(
        subject_id=order.subject_id,
        order_id=order.pk,
        number=reference(order.pk),
        norm=Norm(order.norm),
        categories=_categories(order),
        destroy_on=order.destroy_on,
        is_held=is_held,
    )


def _categories(order: PartOrder) -> tuple[str, ...]:
    if not order.place:
        return tuple(sorted(order.categories))
    try:
        return (values.category_of(order.place),)
    except values.NotAlone:
        return ()  # a column that the program no longer has
