"""Whether people are answered in time, asked without a line of the desk that answers them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

_OVERDUE: Final = """
SELECT count(*), count(DISTINCT c.request_id), count(DISTINCT c.request_id) FILTER (WHERE r.taken_by IS NULL),
       min(c.due_at)
FROM subject_requests_requestclock c
JOIN subject_requests_request r ON r.id = c.request_id
JOIN personal_data_subject s ON s.id = c.subject_id
WHERE c.met_at IS NULL AND c.due_at < %s AND s.wrapped_key IS NOT NULL
"""
_UNCLOCKED: Final = """
SELECT count(*) FROM subject_requests_request r
WHERE r.closed_at IS NULL AND NOT EXISTS (
    SELECT FROM subject_requests_requestclock c WHERE c.request_id = r.id AND c.met_at IS NULL)
"""


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """`terms` of so many `requests` are over, of which nobody has `untaken` in hand. `unclocked` requests are open
    and no clock of theirs runs, which cannot be."""

    terms: int
    requests: int
    untaken: int
    since: datetime | None
    unclocked: int

    @property
    def is_well(self) -> bool:
        return self.terms == 0 and self.unclocked == 0


def overdue(at: datetime) -> Overdue:
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, [at])
        terms, requests, untaken, since = cursor.fetchone() or (0, 0, 0, None)
        cursor.execute(_UNCLOCKED)
        (unclocked,) = cursor.fetchone() or (0,)
    return Overdue(terms=terms, requests=requests, untaken=untaken, since=since, unclocked=unclocked)
