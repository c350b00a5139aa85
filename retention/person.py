"""One person as the desk sees them: what is held, of which category, until when or why not. Nothing is opened."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import profiles
from personal_data.models import Subject
from profiles.wording import Text
from retention import lifetimes, rules, selectors, values
from retention.lifetimes import Lifetime
from retention.models import Clock, Destruction, PartOrder
from retention.selectors import Due, Stay
from retention.values import HeldValue


@dataclass(frozen=True, kw_only=True)
class Need:
    """A purpose that needs a category, and its last day; None while it goes on."""

    title: str
    until: date | None


@dataclass(frozen=True, kw_only=True)
class HeldCategory:
    """`on` is the day on which it goes; None, and then `goes_on` is why not."""

    code: str
    title: str
    number: int
    on: date | None
    goes_on: Sequence[str]
    needs: Sequence[Need]


@dataclass(frozen=True, kw_only=True)
class Person:
    subject: Subject
    held: Sequence[HeldCategory]
    values: Sequence[HeldValue]
    dues: Sequence[Due]
    stays: Sequence[Stay]
    orders: Sequence[PartOrder]
    records: Sequence[Destruction]


def person(subject: Subject, at: datetime) -> Person:
    clocks = lifetimes.clocks_of(subject.pk)
    found = values.held(subject.pk)
    numbers = Counter(value.category for value in found)
    lives = lifetimes.of_person(subject, clocks)
    known = profiles.current().categories
    held = [_category(known[code].title, lives[code], number) for code, number in sorted(numbers.items())]
    return Person(
        subject=subject,
        held=held,
        values=found,
        dues=selectors.due_of(clocks),
        stays=selectors.stays(subject.pk, at, all_of_them=True),
        orders=list(PartOrder.objects.filter(subject=subject).order_by("-ordered_at")[:20]),
        records=list(Destruction.objects.filter(subject=subject.pk).order_by("-destroyed_at")[:20]),
    )


def _category(title: Text, life: Lifetime, number: int) -> HeldCategory:
    return HeldCategory(
        code=life.category,
        title=rules.words(title.model_dump()),
        number=number,
        on=_day(life.last),
        goes_on=[rules.purpose_title(code) for code in life.goes_on],
        needs=[Need(title=rules.purpose_title(need.purpose), until=_day(need.clock)) for need in life.needs],
    )


def _day(clock: Clock | None) -> date | None:
    return clock.destroy_on if clock else None


def part_receipts(subject_id: UUID) -> Sequence[Destruction]:
    """What was destroyed of somebody who is still here, the last first."""
    return list(Destruction.objects.filter(subject=subject_id, part__isnull=False).order_by("-destroyed_at")[:20])
