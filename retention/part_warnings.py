"""Who is to be warned that a part of their data will be destroyed, and of which part: as warnings.py does for people.

What ends is not a clock's to say alone: a category goes by the last of the purposes that need it (lifetimes.py). So it
is worked out anew for each person, with their row locked, and remembered by category and day.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

import profiles
from personal_data.models import Subject
from retention import grounds, holds, lifetimes, values
from retention.lifetimes import Lifetime
from retention.models import Clock
from retention.warnings import WARNINGS

_CLAIM: Final = """
INSERT INTO retention_partwarning (subject_id, category, destroy_on, days, warned_at)
SELECT %s, unnest(%s::text[]), %s, %s, %s
ON CONFLICT ON CONSTRAINT part_warning_is_given_once DO NOTHING RETURNING category
"""


@dataclass(frozen=True, kw_only=True)
class EndingPart:
    """Codes of the categories that go on one day. `is_everything`: an account cannot be without one of them, so all
    goes."""

    destroy_on: date
    days: int
    categories: tuple[str, ...]
    is_everything: bool


def people(at: datetime) -> Sequence[UUID]:
    """Who may have to be warned."""
    soon = Clock.objects.running().exclude(purpose="").filter(carried_at=None)
    soon = soon.filter(due_at__gt=at, due_at__lte=at + timedelta(days=max(WARNINGS)))
    return list(soon.unheld(at).order_by("subject_id").values_list("subject_id", flat=True).distinct())


def claim(subject_id: UUID, at: datetime) -> Sequence[EndingPart]:
    """What this person is to be warned of now, each once: to be called in the transaction that sends the mail."""
    subject = Subject.objects.select_for_update(no_key=True).filter(pk=subject_id, destroyed_at=None).first()
    if subject is None or holds.holds_of(subject_id, at):
        return []
    ending = _ending(subject, at)
    alone = grounds.indispensable(profiles.current(), subject.kind)
    return [
        EndingPart(destroy_on=on, days=days, categories=new, is_everything=bool(set(codes) & alone))
        for (on, days), codes in sorted(ending.items())
        if (new := _claim(subject_id, on, days, codes, at))
    ]


def _ending(subject: Subject, at: datetime) -> Mapping[tuple[date, int], list[str]]:
    clocks = lifetimes.clocks_of(subject.pk)
    whole = min((clock.due_at for clock in clocks if clock.ends_everything), default=None)
    held = {value.category for value in values.held(subject.pk)}
    found: defaultdict[tuple[date, int], list[str]] = defaultdict(list)
    for code, life in sorted(lifetimes.of_person(subject, clocks).items()):
        days = _distance(life, at) if code in held else None
        if life.last and days and (whole is None or life.last.due_at < whole):
            found[life.last.destroy_on, days].append(code)
    return found


def _distance(life: Lifetime, at: datetime) -> int | None:
    """Of the warnings the one that is due now; none of a term as short as it."""
    clock = life.last
    if clock is None or not clock.purpose or clock.carried_at or clock.due_at <= at:
        return None
    days = next((days for days in sorted(WARNINGS) if clock.due_at <= at + timedelta(days=days)), None)
    return days if days and clock.due_at > clock.started_at + timedelta(days=days) else None


def _claim(subject_id: UUID, on: date, days: int, codes: Sequence[str], at: datetime) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [subject_id, list(codes), on, days, at])
        return tuple(sorted(code for (code,) in cursor.fetchall()))
