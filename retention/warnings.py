"""Who is to be warned that their data will be destroyed: two weeks before and three days before, once each.

The mail is sent by a room above, which knows people's addresses and languages; what makes it once is here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from retention.models import Clock, Hold

#: days before → the column that remembers
WARNINGS: Final = {14: "warned_at", 3: "warned_again_at"}


@dataclass(frozen=True, kw_only=True)
class DueWarning:
    """`kept_on`: until when a law keeps a part of it."""

    clock_id: int
    subject_id: UUID
    days: int
    destroy_on: date
    kept_on: date | None


def due_warnings(at: datetime) -> Iterator[DueWarning]:
    """One for each person, by the clock that ends first. A term as short as the warning itself warns nobody; of two
    that were missed only the later is left. Whom a hold keeps now is not warned now."""
    kept = Hold.objects.in_force(at).filter(subject_id=OuterRef("subject_id"))
    sooner = Clock.objects.ends(at + timedelta(days=max(WARNINGS))).filter(~Exists(kept), due_at__gt=at)
    for days, column in sorted(WARNINGS.items()):
        span = timedelta(days=days)
        waiting = sooner.filter(_in_window(at, days), Q(due_at__gt=F("started_at") + span), **{column: None})
        for clock in waiting.iterator(chunk_size=1000):
            yield DueWarning(
                clock_id=clock.pk,
                subject_id=clock.subject_id,
                days=days,
                destroy_on=clock.destroy_on,
                kept_on=_kept_on(clock),
            )


def _kept_on(clock: Clock) -> date | None:
    longer = Clock.objects.keeping().filter(subject_id=clock.subject_id, due_at__gt=clock.due_at)
    last = longer.order_by("due_at").last()
    return last.destroy_on if last else None


def claim(warning: DueWarning, *, at: datetime) -> bool:
    """False when somebody else has warned, or the clock was cancelled meanwhile."""
    column = WARNINGS[warning.days]
    mine = Clock.objects.running().filter(pk=warning.clock_id, due_at__gt=at, **{column: None})
    return bool(mine.update(**{column: at}))


def _in_window(at: datetime, days: int) -> Q:
    """From so many days before until the next warning is due."""
    nearer = max((other for other in WARNINGS if other < days), default=0)
    return Q(due_at__lte=at + timedelta(days=days), due_at__gt=at + timedelta(days=nearer))
