"""Whether destruction happens on time, asked without a line of the job that does it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

import profiles

#: A person whose end is over is late until everything is gone, or, while a purpose goes on that needs something, until
#: the rest is; a clock of one purpose until it is carried out; a clock that blocks until the data is blocked; an order
#: to destroy a part until it is carried out, also where it waits for a second person.
_OVERDUE: Final = """
WITH late AS (
SELECT c.subject_id, CASE WHEN c.late_at <= %(at)s THEN c.late_at ELSE c.block_at END AS since
FROM retention_clock c JOIN personal_data_subject s ON s.id = c.subject_id
WHERE c.cancelled_at IS NULL AND s.wrapped_key IS NOT NULL
    AND (c.late_at <= %(at)s AND (c.purpose = '' OR c.carried_at IS NULL) AND c.purposes = '{}'
            AND (c.carried_at IS NULL OR NOT EXISTS (SELECT FROM retention_clock k WHERE k.subject_id = c.subject_id
                AND k.cancelled_at IS NULL AND k.purposes <> '{}' AND k.late_at > %(at)s))
        OR c.block_at <= %(at)s - interval '1 day' AND c.blocked_at IS NULL)
UNION ALL
SELECT o.subject_id, o.late_at FROM retention_partorder o JOIN personal_data_subject s ON s.id = o.subject_id
WHERE o.done_at IS NULL AND o.cancelled_at IS NULL AND o.late_at <= %(at)s AND s.wrapped_key IS NOT NULL
)
SELECT count(DISTINCT late.subject_id), min(late.since) FROM late
WHERE NOT EXISTS (SELECT FROM retention_hold h WHERE h.subject_id = late.subject_id AND h.placed_at <= %(at)s
        AND least(h.until, h.released_at, CASE WHEN h.confirmed_at IS NULL THEN h.placed_at + interval '3 days' END)
            > %(at)s - interval '1 day')
"""
_HELD: Final = """
SELECT count(DISTINCT c.subject_id)
FROM retention_clock c JOIN retention_hold h USING (subject_id)
WHERE c.cancelled_at IS NULL AND c.purpose = '' AND c.purposes = '{}' AND c.carried_at IS NULL
    AND c.due_at <= %(at)s AND h.released_at IS NULL
    AND h.placed_at <= %(at)s AND h.until > %(at)s
    AND (h.confirmed_at IS NOT NULL OR h.placed_at > %(at)s - interval '3 days')
"""
_DUE: Final = """
SELECT count(DISTINCT c.subject_id), coalesce(extract(epoch FROM %(at)s - min(c.due_at)), 0)
FROM retention_clock c JOIN personal_data_subject s ON s.id = c.subject_id
WHERE c.cancelled_at IS NULL AND c.purpose = '' AND c.purposes = '{}' AND c.carried_at IS NULL
    AND c.due_at <= %(at)s AND s.wrapped_key IS NOT NULL
"""
_LOG: Final = """
SELECT count(*) FROM pg_inherits WHERE inhparent = 'processing_log_event'::regclass AND %(at)s >
    to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM') + make_interval(months => %(months)s + 1, days => 7)
"""
_LAST_RUN: Final = "SELECT extract(epoch FROM max(finished_at)), coalesce(sum(failed), 0) FROM retention_run"
_WAITING: Final = """
SELECT count(*) FROM retention_massrun WHERE second_at IS NULL AND asked_at > %(at)s - interval '1 day'
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
        cursor.execute(_OVERDUE, {"at": at})
        overdue, overdue_since = cursor.fetchone() or (0, None)
        cursor.execute(_UNFINISHED)
        unfinished, unfinished_since = cursor.fetchone() or (0, None)
    return Lateness(
        overdue=overdue, overdue_since=overdue_since, unfinished=unfinished, unfinished_since=unfinished_since
    )


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What `/metrics` says of destruction. Numbers alone."""

    due: int
    due_oldest_seconds: float
    held: int
    overdue: int
    unfinished: int
    mass_runs_waiting: int
    last_run_finished_seconds: float
    failures: int
    log_months_overdue: int


def figures(at: datetime) -> Figures:
    late = lateness(at)
    months = profiles.current().log_months
    with connection.cursor() as cursor:

        def row(statement: str) -> tuple[Any, ...]:
            cursor.execute(statement, {"at": at, "months": months})
            return cursor.fetchone() or (0, 0)

        (due, oldest), (held,), (waiting,), (log_months,) = row(_DUE), row(_HELD), row(_WAITING), row(_LOG)
        last_run, failures = row(_LAST_RUN)
    return Figures(
        due=due,
        due_oldest_seconds=float(oldest),
        held=held,
        overdue=late.overdue,
        unfinished=late.unfinished,
        mass_runs_waiting=waiting,
        last_run_finished_seconds=float(last_run or 0),
        failures=int(failures),
        log_months_overdue=log_months,
    )


def overdue_count(at: datetime) -> int:
    return lateness(at).overdue
