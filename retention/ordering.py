"""Orders to destroy a part: a category or one value. A little goes at once; where much would go, another person agrees
first. Whoever the data is about removes their own values alone."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import override

import profiles
from law import deadlines
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from retention import grounds, holds, parts, remainders, values
from retention.facts import Fact
from retention.models import Destruction, Norm, PartOrder
from retention.parts import Cause
from retention.services import lock_living
from retention.values import NotAlone, Portion

#: So many values are destroyed on one person's word; more wait for a second.
LARGE: Final = 20
#: norm → the rule of the law that bounds how long it may take
LAW: Final = {Norm.UNLAWFUL: "D09", Norm.UNNEEDED: "D05", Norm.REACHED: "D12", Norm.OWN_WISH: "D13"}


class NothingHeld(LookupError):
    """There is no such value (any more)."""


class StandsOnHold(PermissionError):
    """A hold keeps the person's data."""


class SecondPersonNeeded(PermissionError):
    """Whoever ordered cannot agree."""


class NoOrder(LookupError):
    """No such order waits."""


def order_part(*, subject_id: UUID, norm: Norm, portion: Portion, actor: Actor, at: datetime) -> PartOrder:
    """Carried out at once, or waits: `done_at` says which. Raises NotAlone, NothingHeld, StandsOnHold, Destroyed."""
    with processing("retention", actor=actor, reason=norm.value) as act:
        subject = lock_living(subject_id)
        _ensure_alone(subject, portion)
        found = values.count(subject_id, portion)
        if not found:
            raise NothingHeld(str(subject_id))
        order = PartOrder.objects.create(
            subject=subject, norm=norm, categories=sorted(portion.categories), place=portion.place, row=portion.row,
            found=found, ordered_at=at, ordered_by=UUID(actor.id),
        )  # fmt: skip
        act.record(Fact.PART_ORDERED.value, subject=subject_id, reason=f"{norm.value} {order.pk}")
        if found <= LARGE or norm == Norm.OWN_WISH:
            _carry_out(act, order, subject, at)
    return order


def agree_to_part(*, order_id: UUID, actor: Actor, at: datetime) -> PartOrder:
    """Raises NoOrder, SecondPersonNeeded, NothingHeld, StandsOnHold."""
    with processing("retention", actor=actor, reason="part") as act:
        order = PartOrder.objects.select_for_update().filter(pk=order_id, done_at=None).first()
        if order is None:
            raise NoOrder(str(order_id))
        if str(order.ordered_by) == actor.id:
            raise SecondPersonNeeded(str(order_id))
        subject = lock_living(order.subject_id)
        order.agreed_at, order.agreed_by = at, UUID(actor.id)
        order.save(update_fields=["agreed_at", "agreed_by"])
        _carry_out(act, order, subject, at)
    return order


def _ensure_alone(subject: Subject, portion: Portion) -> None:
    wanted = {values.category_of(portion.place)} if portion.place else portion.categories
    if wanted & grounds.indispensable(profiles.current(), subject.kind):
        raise NotAlone(", ".join(sorted(wanted)))


def _carry_out(act: Scope, order: PartOrder, subject: Subject, at: datetime) -> Destruction:
    if holds.holds_of(subject.pk, at):
        raise StandsOnHold(str(subject.pk))
    run = parts.open_run(at, 1)
    portion = Portion.of_scope(order.scope)
    record = parts.destroy_part(act, subject=subject, portion=portion, cause=_cause(order), run=run, at=at)
    if record is None:
        raise NothingHeld(str(order.pk))
    run.finished_at, run.destroyed = at, 1
    run.save(update_fields=["finished_at", "destroyed"])
    order.done_at = at
    order.save(update_fields=["done_at"])
    transaction.on_commit(remainders.finish, robust=True)
    return record


def _cause(order: PartOrder) -> Cause:
    norm = Norm(order.norm)
    words = _in_both(norm)
    late_at = deadlines.due(LAW[norm], order.ordered_at).due_at
    return Cause(
        part=order.pk, trigger=norm.value, rule=norm.value, reason=words, norm=words,
        started_at=order.ordered_at, due_at=order.ordered_at, late_at=late_at,
    )  # fmt: skip


def _in_both(norm: Norm) -> dict[str, str]:
    said: dict[str, Any] = {}
    for language in ("ru", "en"):
        with override(language):
            said[language] = str(norm.label)
    return said
