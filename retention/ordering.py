"""Orders to destroy a part: categories or one value. A little goes at once; where much would go, another person agrees
first. What follows a rule of retention (a granted request, unlawful processing that was found) may have to wait, for
its day or for the end of a hold; then the sweep carries it out. Whoever the data is about removes their own values
alone."""

import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from time import sleep
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils.translation import override

import profiles
from law import deadlines
from personal_data.errors import HeldElsewhere, PersonalDataError
from personal_data.models import Subject
from personal_data.scope import Scope, processing, scope_if_any
from processing_log.actors import Actor
from retention import grounds, holds, parts, remainders, rules, values
from retention.erasure import LeftBehind
from retention.facts import Fact
from retention.models import Action, Destruction, Norm, PartOrder
from retention.orders import PartOrderQuerySet
from retention.parts import Cause
from retention.services import counted, lock_living
from retention.values import NotAlone, Portion

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: So many values are destroyed on one person's word; more wait for a second.
LARGE: Final = 20
#: norm → the rule of the law that bounds how long it may take
LAW: Final = {Norm.UNLAWFUL: "D09", Norm.UNNEEDED: "D05", Norm.REACHED: "D12", Norm.OWN_WISH: "D13"}
#: so long, in seconds, an officer or a person waits for who is writing about the same person in this moment
PATIENCE: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
#: trigger of a retention rule → the norm by which a part goes for it
NORM_OF: Final = {"unneeded_proved": Norm.SHOWN, "unlawful_found": Norm.UNLAWFUL}


class NothingHeld(LookupError):
    """There is no such value (any more)."""


class StandsOnHold(PermissionError):
    """A hold keeps the person's data."""


class SecondPersonNeeded(PermissionError):
    """Whoever ordered cannot agree."""


class NoOrder(LookupError):
    """No such order waits."""


def order_part(*, subject_id: UUID, norm: Norm, portion: Portion, actor: Actor, at: datetime) -> PartOrder:
    """Carried out at once, or waits for a second person: `done_at` says which. Raises NotAlone, NothingHeld,
    StandsOnHold, Destroyed, HeldElsewhere."""
    return _patiently(lambda: _order_part(subject_id, norm, portion, actor, at))


def _order_part(subject_id: UUID, norm: Norm, portion: Portion, actor: Actor, at: datetime) -> PartOrder:
    late_at = deadlines.due(LAW[norm], at).due_at
    with processing("retention", actor=actor, reason=norm.value) as act:
        subject = lock_living(subject_id)
        order = _make(
            act, subject, norm, portion, actor=actor, at=at, started_at=at, due_at=at, late_at=late_at, rule=""
        )
        if not order.needs_second:
            _carry_out(act, order, subject, at)
    return order


def order_by_rule(
    *, subject_id: UUID, trigger: str, portion: Portion, since: datetime, actor: Actor, at: datetime, at_once: bool
) -> PartOrder:
    """What the rule of `trigger` does with a whole person, done with a part: on the day that the term from `since`
    gives, or `at_once`, where nothing has to be waited for. A rule that blocks first keeps to its own day. `done_at`
    says whether it is done: a hold and a second person are waited for.

    Raises NotAlone, NothingHeld, Destroyed, rules.NotForThisKind."""
    rule = rules.rule_for(trigger)
    norm = NORM_OF[trigger]
    term = counted(rule, since)
    due_at = at if at_once and rule.action != Action.BLOCK.value else max(term["due_at"], at)
    with processing("retention", actor=actor, reason=norm.value) as act:
        subject = lock_living(subject_id)
        rules.ensure_fits(rule, subject.kind)
        order = _make(
            act, subject, norm, portion, actor=actor, at=at, started_at=since, due_at=due_at, late_at=term["late_at"],
            rule=rule.code,
        )  # fmt: skip
        if _may_go(order, at):
            with suppress(HeldElsewhere), transaction.atomic():  # else by the next sweep
                _carry_out(act, order, subject, at)
    return order


def agree_to_part(*, order_id: UUID, actor: Actor, at: datetime) -> PartOrder:
    """An order by a rule waits on where it has to. Raises NoOrder, SecondPersonNeeded, NothingHeld, StandsOnHold,
    HeldElsewhere."""
    return _patiently(lambda: _agree_to_part(order_id, actor, at))


def _agree_to_part(order_id: UUID, actor: Actor, at: datetime) -> PartOrder:
    with processing("retention", actor=actor, reason="part") as act:
        order = PartOrder.objects.waiting().select_for_update().filter(pk=order_id, agreed_at=None).first()
        if order is None:
            raise NoOrder(str(order_id))
        if str(order.ordered_by) == actor.id:
            raise SecondPersonNeeded(str(order_id))
        subject = lock_living(order.subject_id)
        order.agreed_at, order.agreed_by = at, UUID(actor.id)
        order.save(update_fields=["agreed_at", "agreed_by"])
        if not order.rule or _may_go(order, at):
            _carry_out(act, order, subject, at)
    return order


def _patiently(act: Callable[[], T]) -> T:
    """Once more when somebody was writing about the person: a moment later they have done. Inside of another act, which
    holds the person for as long as it lasts, waiting is of no use."""
    for seconds in () if scope_if_any() else PATIENCE:
        with suppress(HeldElsewhere):
            return act()
        sleep(seconds)
    return act()


def take_back(*, order_id: UUID, actor: Actor, at: datetime) -> None:
    """It was a mistake, and nobody has carried it out yet. What follows a rule is ended by what it follows. Raises
    NoOrder."""
    _cancel(PartOrder.objects.filter(pk=order_id, rule=""), actor=actor, at=at)


def cancel_by_rule(*, order_ids: Collection[UUID], actor: Actor, at: datetime) -> None:
    """What these orders followed is no more. What was carried out stays so."""
    with suppress(NoOrder):
        _cancel(PartOrder.objects.filter(pk__in=order_ids), actor=actor, at=at)


def _cancel(orders: PartOrderQuerySet, *, actor: Actor, at: datetime) -> None:
    with processing("retention", actor=actor, reason="part") as act:
        waiting = list(orders.waiting().select_for_update())
        if not waiting:
            raise NoOrder
        for order in waiting:
            order.cancelled_at = at
            order.save(update_fields=["cancelled_at"])
            act.record(Fact.PART_ORDER_CANCELLED.value, subject=order.subject_id, reason=str(order.pk))


def count_due(at: datetime) -> int:
    return PartOrder.objects.due(at).count()


def carry_out_due(at: datetime) -> tuple[int, int]:
    """The orders whose day has come, or whose hold has ended: how many were carried out, and how many could not be.
    Each alone; can be killed, repeated, and run twice at once."""
    done = failed = 0
    for order_id in list(PartOrder.objects.due(at).values_list("pk", flat=True)):
        try:
            done += _carry_out_alone(order_id, at)
        except HeldElsewhere:
            continue  # the next sweep
        except (OperationalError, InterfaceError):
            raise
        except (DatabaseError, PersonalDataError, LeftBehind, NotAlone) as error:
            _pass_over(order_id, error, at)
            failed += 1
    return done, failed


def _pass_over(order_id: UUID, error: Exception, at: datetime) -> None:
    logger.error("Order %s could not be carried out: %s", order_id, type(error).__name__)
    PartOrder.objects.waiting().filter(pk=order_id).update(failed_at=at)


def _carry_out_alone(order_id: UUID, at: datetime) -> bool:
    with processing("retention", actor=parts.ACTOR, reason="part") as act:
        mine = PartOrder.objects.due(at).filter(pk=order_id).select_related("subject")
        order = mine.select_for_update(skip_locked=True, of=("self", "subject")).first()
        if order is None:
            return False
        try:
            _carry_out(act, order, order.subject, at)
        except NothingHeld:
            _close(order, at)  # it went another way meanwhile
    return True


def _make(
    act: Scope, subject: Subject, norm: Norm, portion: Portion, *, actor: Actor, at: datetime, **terms: Any
) -> PartOrder:
    ensure_alone(subject, portion)
    found = values.count(subject.pk, portion)
    if not found:
        raise NothingHeld(str(subject.pk))
    order = PartOrder.objects.create(
        subject=subject, norm=norm, categories=sorted(portion.categories), place=portion.place, row=portion.row,
        found=found, needs_second=found > LARGE and norm != Norm.OWN_WISH, ordered_at=at, ordered_by=UUID(actor.id),
        **terms,
    )  # fmt: skip
    act.record(Fact.PART_ORDERED.value, subject=subject.pk, reason=f"{norm.value} {order.pk}")
    return order


def ensure_alone(subject: Subject, portion: Portion) -> None:
    """Raises NotAlone for what an account cannot be without."""
    wanted = {values.category_of(portion.place)} if portion.place else portion.categories
    if wanted & grounds.indispensable(profiles.current(), subject.kind):
        raise NotAlone(", ".join(sorted(wanted)))


def _may_go(order: PartOrder, at: datetime) -> bool:
    return PartOrder.objects.due(at).filter(pk=order.pk).exists()


def _carry_out(act: Scope, order: PartOrder, subject: Subject, at: datetime) -> Destruction:
    if holds.holds_of(subject.pk, at):
        raise StandsOnHold(str(subject.pk))
    run = parts.open_run(at, 1)
    portion = Portion.of_scope(order.scope)
    record = parts.destroy_part(act, subject=subject, portion=portion, cause=_cause(order), run=run, at=at)
    if record is None:
        run.delete()
        raise NothingHeld(str(order.pk))
    run.finished_at, run.destroyed = at, 1
    run.save(update_fields=["finished_at", "destroyed"])
    _close(order, at)
    transaction.on_commit(remainders.finish, robust=True)
    return record


def _close(order: PartOrder, at: datetime) -> None:
    order.done_at = at
    order.save(update_fields=["done_at"])


def _cause(order: PartOrder) -> Cause:
    norm = Norm(order.norm)
    reason, article = rules.texts_of(order.rule) if order.rule else (_in_both(norm), _in_both(norm))
    code = order.rule or norm.value
    return Cause(
        part=order.pk, trigger=code, rule=code, reason=reason, norm=article,
        started_at=order.started_at, due_at=order.due_at, late_at=order.late_at,
    )  # fmt: skip


def _in_both(norm: Norm) -> dict[str, str]:
    said: dict[str, Any] = {}
    for language in ("ru", "en"):
        with override(language):
            said[language] = str(norm.label)
    return said
