"""What of a person's data a request shows to be unlawful or not needed: everything, categories, single values. Chosen
by staff, destroyed by orders (retention.ordering), which may have to wait for a hold or a second person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext

import profiles
from personal_data.models import Subject
from processing_log.actors import Actor
from retention import ordering, receipts, rules, values
from retention.models import Destruction, PartOrder
from retention.values import NotAlone, Portion
from subject_requests.kinds import Contest
from subject_requests.models import ContestedPart, Request

#: ground → the rule of the law whose clock the destruction meets
LAW: Final = {Contest.UNNEEDED: "D05", Contest.UNLAWFUL: "D09"}


class WhichPart(Exception):
    """Nobody has said yet what is unlawful or not needed."""


class NothingChosen(ValueError):
    """A choice is of something."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Everything, or parts: whole categories, and values (a place and a row)."""

    everything: bool = False
    categories: frozenset[str] = frozenset()
    values: frozenset[tuple[str, UUID]] = frozenset()

    @property
    def portions(self) -> list[Portion]:
        """The categories together; each value alone that is not of one of them."""
        alone = sorted((place, row) for place, row in self.values if values.category_of(place) not in self.categories)
        whole = [Portion(categories=self.categories)] if self.categories else []
        return [*whole, *(Portion(place=place, row=row) for place, row in alone)]


@dataclass(frozen=True, kw_only=True)
class ShownPart:
    """One part in the reader's language. `number` and `receipt` are there when it is destroyed, `done_at` also where
    nothing of it was left to destroy."""

    words: str
    is_everything: bool
    done_at: datetime | None
    is_ordered: bool
    waits_for_a_second: bool
    number: str
    receipt: str


def write_down(request: Request, ground: Contest, chosen: Chosen, *, actor: Actor, at: datetime) -> None:
    """Instead of what was chosen before. Raises NothingChosen, NotAlone, ordering.NothingHeld."""
    portions = [] if chosen.everything else chosen.portions
    if not (chosen.everything or portions):
        raise NothingChosen
    person = Subject.objects.get(pk=request.person_id)
    for portion in portions:
        ordering.ensure_alone(person, portion)
        if not values.count(person.pk, portion):
            raise ordering.NothingHeld(str(person.pk))
    request.contested_parts.filter(ground=ground).delete()
    said = {
        "request": request, "subject_id": request.subject_id, "ground": ground, "chosen_at": at, "chosen_by": actor.id,
    }  # fmt: skip
    rows = [ContestedPart(**said)] if chosen.everything else []
    for portion in portions:
        rows += [ContestedPart(**said, category=code) for code in sorted(portion.categories)]
        rows += [ContestedPart(**said, place=portion.place, row=portion.row)] if portion.place else []
    ContestedPart.objects.bulk_create(rows)


def of(request: Request, ground: Contest = Contest.UNNEEDED) -> Chosen | None:
    """None: nobody has said yet."""
    rows = list(request.contested_parts.filter(ground=ground))
    if not rows:
        return None
    return Chosen(
        everything=any(row.is_everything for row in rows),
        categories=frozenset(row.category for row in rows if row.category),
        values=frozenset((row.place, row.row) for row in rows if row.place and row.row),
    )


def order(
    request: Request, ground: Contest, chosen: Chosen, *, since: datetime, actor: Actor, at: datetime, at_once: bool
) -> None:
    """Of parts that were written down. Raises NotAlone, ordering.NothingHeld, rules.NotForThisKind, Destroyed."""
    rows = request.contested_parts.filter(ground=ground)
    for portion in chosen.portions:
        made = ordering.order_by_rule(
            subject_id=request.person_id, trigger=ground.value, portion=portion, since=since, actor=actor, at=at,
            at_once=at_once,
        )  # fmt: skip
        mine = rows.filter(place=portion.place, row=portion.row) if portion.place else rows.exclude(category="")
        mine.update(order=made.pk)


def cancel(request: Request, ground: Contest, *, actor: Actor, at: datetime) -> None:
    ordering.cancel_by_rule(order_ids=_orders(request.contested_parts.filter(ground=ground)), actor=actor, at=at)


def affected(chosen: Chosen) -> set[str]:
    """The categories of which something goes."""
    if chosen.everything:
        return set(profiles.current().categories)
    return {*chosen.categories, *(values.category_of(place) for place, _row in chosen.values)}


def done_at(request: Request, ground: Contest) -> datetime | None:
    """When the last of the parts went; None while one waits, or none was ordered."""
    orders = _orders(request.contested_parts.filter(ground=ground))
    ends = list(PartOrder.objects.filter(pk__in=orders, done_at__isnull=False).values_list("done_at", flat=True))
    return max(end for end in ends if end) if orders and len(ends) == len(orders) else None


def waits_for(subject_id: UUID) -> bool:
    """Whether a part of this person's data is still to be destroyed for a request: it stays blocked until then."""
    of_person = ContestedPart.objects.filter(request__in=Request.objects.of(subject_id), order__isnull=False)
    return PartOrder.objects.waiting().filter(pk__in=of_person.values("order")).exists()


def shown(request: Request, ground: Contest | None = None) -> Sequence[ShownPart]:
    rows = [row for row in request.contested_parts.all() if ground in (None, row.ground)]
    orders = {order.pk: order for order in PartOrder.objects.filter(pk__in=_orders(rows))}
    records = {record.part: record for record in Destruction.objects.filter(part__in=_orders(rows))}
    return [_shown(request, row, orders.get(row.order) if row.order else None, records.get(row.order)) for row in rows]


def words_of(chosen: Chosen) -> list[str]:
    """In the reader's language."""
    if chosen.everything:
        return [gettext("everything that is held about you")]
    return [
        *rules.category_titles(sorted(chosen.categories)),
        *(_value_words(place) for place, _row in sorted(chosen.values)),
    ]


def _orders(rows: Iterable[ContestedPart]) -> set[UUID]:
    return {row.order for row in rows if row.order}


def _shown(request: Request, row: ContestedPart, order: PartOrder | None, record: Destruction | None) -> ShownPart:
    return ShownPart(
        words=_words(row),
        is_everything=row.is_everything,
        done_at=record.destroyed_at if record else order.done_at if order else None,
        is_ordered=row.order is not None,
        waits_for_a_second=order is not None and order.waits_for_a_second,
        number=record.number if record else "",
        receipt=reverse("retention:receipt", args=[receipts.code_for_part(request.person_id, record.part)])
        if record and record.part
        else "",
    )


def _words(row: ContestedPart) -> str:
    if row.is_everything:
        return gettext("everything that is held")
    return rules.category_titles([row.category])[0] if row.category else _value_words(row.place)


def _value_words(place: str) -> str:
    """Which column it is; what stands in it nobody says."""
    label, _dot, name = place.rpartition(".")
    try:
        meta = apps.get_model(label)._meta
        return f"{meta.verbose_name}: {meta.get_field(name).verbose_name}"
    except LookupError:
        raise NotAlone(place) from None
