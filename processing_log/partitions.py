"""The log's monthly partitions: made by the database itself (the application owns no table), well ahead of need."""

from datetime import date
from typing import Final

from django.db import connection

MONTHS_AHEAD: Final = 3


def make_partitions(*, first: date, months: int = MONTHS_AHEAD) -> int:
    """Makes the partitions of `first`'s month and the `months` after it where they are missing; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT processing_log_make_partitions(%s, %s)", [first, months])
        (made,) = cursor.fetchone() or (0,)
    return int(made)


def last_month_ready() -> date:
    """The first day of the newest month that has a partition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM')) "
            "FROM pg_inherits WHERE inhparent = 'processing_log_event'::regclass"
        )
        (month,) = cursor.fetchone() or (None,)
    assert isinstance(month, date)
    return month
