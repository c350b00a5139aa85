"""Whether destruction happens on time, asked without a line of the job that does it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

_OVERDUE: Final = """
SELECT count(DISTINCT c.subject_id), min(c.late_at)
FROM retention_clock c JOIN personal_data_subject s ON s.id = c.subject_id
WHERE c.cancelled_at IS NULL AND c.late_at <= %s AND s.wrapped_key IS NOT NULL
"""
_UNFINISHED: Final = """
SELECT count(*), min(created_at)
FROM (SELECT created_at FROM retention_ledgerdebt UNION ALL SELECT created_at FROM retention_filedebt) debts
"""


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """`overdue` people should be gone and are not; `unfinished` files and ledger lines wait for the job."""

    overdue: int
    overdue_since: datetime | None
    unfinished: int
    unfinished_since: datetime | None

    @property
    def is_well(self) -> bool:
        return self.overdue == 0


def lateness(at: datetime) -> Lateness:
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, [at])
        overdue, overdue_since = cursor.fetchone() or (0, None)
        cursor.execute(_UNFINISHED)
        unfinished, unfinished_since = cursor.fetchone() or (0, None)
    return Lateness(
        overdue=overdue, overdue_since=overdue_since, unfinished=unfinished, unfinished_since=unfinished_since
    )


def overdue_count(at: datetime) -> int:
    return lateness(at).overdue
