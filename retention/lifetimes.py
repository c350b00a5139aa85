"""Until when each category of a person's data lives: what two purposes need lives until the later one ends.

Computed from the profile, from what is open for the person, and from the clocks that run: nothing is stored. A category
has a day when all purposes that need it have one; else the purposes without a day are the reason why not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import profiles
from personal_data.models import Subject
from profiles.schema import Profile
from retention import grounds
from retention.models import Clock


@dataclass(frozen=True, kw_only=True)
class Need:
    """A purpose that needs a category, and the clock by which it ends; none, while it goes on."""

    purpose: str
    clock: Clock | None

    @property
    def ends_at(self) -> datetime | None:
        return self.clock.due_at if self.clock else None


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """`last` is the clock by which the category goes; None, while a purpose goes on or nothing has begun."""

    category: str
    needs: Sequence[Need]
    last: Clock | None

    @property
    def ends_at(self) -> datetime | None:
        return self.last.due_at if self.last else None

    @property
    def goes_on(self) -> tuple[str, ...]:
        """The purposes for which no end is in sight."""
        return tuple(need.purpose for need in self.needs if need.clock is None)

    def is_over(self, at: datetime) -> bool:
        return self.last is not None and self.last.due_at <= at


def of_person(subject: Subject, clocks: Iterable[Clock]) -> Mapping[str, Lifetime]:
    """By category. `clocks` are all of the person's that were not cancelled, those that were carried out included."""
    profile = profiles.current()
    standing = [clock for clock in clocks if clock.cancelled_at is None]
    return {code: _lifetime(profile, code, subject, standing) for code in profile.categories}


def clocks_of(subject_id: UUID) -> list[Clock]:
    return list(Clock.objects.filter(subject_id=subject_id, cancelled_at=None).order_by("due_at", "id"))


def over(subject: Subject, clocks: Sequence[Clock], at: datetime) -> frozenset[str]:
    """Categories that no purpose needs any more."""
    return frozenset(code for code, life in of_person(subject, clocks).items() if life.is_over(at))


def _lifetime(profile: Profile, category: str, subject: Subject, clocks: Sequence[Clock]) -> Lifetime:
    whole = _first([clock for clock in clocks if clock.ends_everything])
    needs = [
        Need(purpose=purpose.code, clock=_end_of(purpose.code, clocks, whole))
        for purpose in grounds.in_force(profile, subject)
        if purpose.covers(category)
    ]
    needs += _needs_of_the_withdrawn(profile, category, clocks, whole, {need.purpose for need in needs})
    ends = [need.clock for need in needs if need.clock]
    if len(ends) < len(needs):
        return Lifetime(category=category, needs=needs, last=None)
    return Lifetime(category=category, needs=needs, last=_last(ends) or whole)


def _needs_of_the_withdrawn(
    profile: Profile, category: str, clocks: Sequence[Clock], whole: Clock | None, known: set[str]
) -> list[Need]:
    """A consent that was withdrawn is not in force; what was held for it lives until its term is over, or everything
    is."""
    return [
        Need(purpose=clock.purpose, clock=_first([clock, whole] if whole else [clock]))
        for clock in clocks
        if clock.purpose and clock.purpose not in known and category in grounds.categories_of(profile, clock.purpose)
    ]


def _end_of(purpose: str, clocks: Sequence[Clock], whole: Clock | None) -> Clock | None:
    """By a clock that keeps for this purpose; else by what comes first, its own end or that of everything."""
    keeping = [clock for clock in clocks if purpose in clock.purposes]
    own = [clock for clock in clocks if clock.purpose == purpose]
    return _last(keeping) or _first([*own, whole] if whole else own)


def _first(clocks: Sequence[Clock]) -> Clock | None:
    return min(clocks, key=lambda clock: (clock.due_at, clock.pk), default=None)


def _last(clocks: Sequence[Clock]) -> Clock | None:
    return max(clocks, key=lambda clock: (clock.due_at, clock.pk), default=None)
