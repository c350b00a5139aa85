"""The log's own term: whole months leave, oldest first, and their hashes stay (migrations/0004).

Twice a month is met. First an event announces it: "2023-08 1234", the month, and the entry before which nothing is kept
any more. Once that event is under a signature, the database removes the month. So whatever is taken out later holds the
reason for what it lacks, and verify_log.py asks for it."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db import OperationalError, connection, transaction
from django.db.models import Max

from law.deadlines import add_months
from processing_log.facts import Fact
from processing_log.models import Checkpoint, Event, Leaf, RemovedMonth

logger = logging.getLogger(__name__)

#: an announcement that nothing came of is made again
HOLDS_FOR: Final = timedelta(days=31)
_MONTHS: Final = """
SELECT to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM') FROM pg_inherits
WHERE inhparent = 'processing_log_event'::regclass ORDER BY 1
"""


def kept_from() -> int:
    """Entries below it are past their term. Within a transaction that asked for it nothing more is removed."""
    return RemovedMonth.objects.aggregate(before=Max("before"))["before"] or 0


def past_term(months: int, at: datetime) -> Sequence[date]:
    """The months that ended at least so many months ago, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS)
        found = [month for (month,) in cursor.fetchall()]
    return [month for month in found if _beginning(add_months(month, months + 1)) <= at]


def remove(months: int, at: datetime, *, announce: Callable[[str], None]) -> int:
    """Announces what is past its term, removes what was announced; returns how many months went. `announce` enters the
    event. What somebody takes out at this moment goes the next time."""
    removed = 0
    due = past_term(months, at)
    signed = _signed() if due else 0
    for number, month in enumerate(due):
        before = _before(month)
        words = f"{month:%Y-%m} {before}"
        announced = Event.objects.filter(fact=Fact.LOG_PAST_TERM.value, reason=words, at__gt=at - HOLDS_FOR).first()
        if not announced:
            if before <= signed:
                announce(words)
        elif removed == number and Leaf.objects.filter(event_id=announced.pk, index__lt=signed).exists():
            removed += _remove(month)
    return removed


def _before(month: date) -> int:
    end = _beginning(add_months(month, 1))
    last = Leaf.objects.filter(event_at__lt=end).aggregate(last=Max("index"))["last"]
    return max(kept_from(), 0 if last is None else last + 1)


def _signed() -> int:
    return Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0


def _remove(month: date) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT processing_log_remove_month(%s)", [month])
    except OperationalError:
        logger.warning("a month of the log is past its term and is being read: it goes the next time")
        return False
    return True


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
