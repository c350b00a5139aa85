"""Writing the records of destruction: numbered without gaps within a year, one statement for a batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import BinaryField, Field
from django.utils import timezone
from psycopg.types.json import Jsonb

import profiles
from law.deadlines import operator_zone
from personal_data.keyring import LONGEST_EPOCH
from personal_data.models import KeyEpoch
from retention import rules
from retention.models import Destruction, Method, Run

#: An epoch of the key-encryption key lasts at most so long; then it is destroyed, and with it every old copy.
EPOCH: Final = LONGEST_EPOCH


_HELD: Final = """
SELECT max(least(h.until, h.released_at, CASE WHEN h.confirmed_at IS NULL THEN h.placed_at + interval '3 days' END))
FROM retention_hold h WHERE h.subject_id = %s
"""
_INSERT: Final = """
INSERT INTO retention_destruction
    (year, destroyed_at, rule, reason, norm, system, method, run_id,
     running, subject, subject_kind, trigger, receipt_digest, started_at, due_at, late_at,
     categories, counts, key_epoch, final_at, held_until)
SELECT %s, %s, %s, %s, %s, %s, %s, %s,
       %s + l.place, l.subject, l.kind, l.trigger, l.receipt_digest, l.started_at, l.due_at, l.late_at,
       coalesce(held.categories, '{}'), coalesce(had.counts, '{}'), l.key_epoch, e.final_at,
       (SELECT max(least(h.until, h.released_at,
                         CASE WHEN h.confirmed_at IS NULL THEN h.placed_at + interval '3 days' END))
        FROM retention_hold h WHERE h.subject_id = l.subject)
FROM retention_leaving l
JOIN unnest(%s::int[], %s::timestamptz[]) AS e (number, final_at) ON e.number = l.key_epoch
LEFT JOIN (SELECT subject, jsonb_object_agg(place, rows) AS counts FROM portal_loss GROUP BY subject) had
    USING (subject)
LEFT JOIN (SELECT g.subject, array_agg(DISTINCT c.code ORDER BY c.code) AS categories
           FROM portal_loss g, unnest(g.categories) AS c (code) GROUP BY g.subject) held USING (subject)
ORDER BY l.place
"""
_LINE: Final = """
SELECT json_build_object('subject', d.subject, 'destroyed_at', d.destroyed_at, 'key_epoch', d.key_epoch, 'part', d.part,
    'record', (SELECT row_to_json(r) FROM (SELECT {said}) r))::text
FROM retention_destruction d WHERE d.year = %s AND d.running BETWEEN %s AND %s ORDER BY d.running
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """The numbers that a batch of records was given."""

    year: int
    first: int
    last: int


def next_number(at: datetime) -> Numbers:
    """Of one record alone. Holds back others from numbering until the commit."""
    year = timezone.localtime(at, operator_zone()).year
    number = _last_number(year) + 1
    return Numbers(year=year, first=number, last=number)


def mark_of(number: str) -> str:
    """By which the events of a part name its record: a person may lose several."""
    return f"№ {number}"


def held_until(subject_id: UUID) -> datetime | None:
    """The last moment to which a hold has kept the person's data."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [subject_id])
        (moment,) = cursor.fetchone() or (None,)
    return moment


def write(*, rule: str, method: Method, run: Run, at: datetime, count: int) -> Numbers:
    """One record for each of the batch. Holds back other batches from numbering until the commit."""
    year = timezone.localtime(at, operator_zone()).year
    before = _last_number(year)
    reason, norm = rules.texts_of(rule)
    epochs = dict(KeyEpoch.objects.values_list("number", "opened_at"))
    values: list[Any] = [
        year, at, rule, Jsonb(reason), Jsonb(norm), profiles.current().system_name, method.value, run.pk,
        before, list(epochs), [final_moment(opened_at, at) for opened_at in epochs.values()],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
    return Numbers(year=year, first=before + 1, last=before + count)


def final_moment(epoch_opened_at: datetime, destroyed_at: datetime) -> datetime:
    """When the epoch's key is to be destroyed, and no old copy opens any more. An epoch that should have ended already
    promises nothing; then the full length of one counts from the destruction."""
    planned = epoch_opened_at + EPOCH
    return planned if planned > destroyed_at else destroyed_at + EPOCH


def _last_number(year: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('retention_destruction'))")
        cursor.execute("SELECT coalesce(max(running), 0) FROM retention_destruction WHERE year = %s", [year])
        (number,) = cursor.fetchone() or (0,)
    return int(number)


def lines(numbers: Numbers) -> list[str]:
    """Of the ledger, as PostgreSQL writes them: what stands in the records is not read here, value by value."""
    with connection.cursor() as cursor:
        cursor.execute(_lines(), [numbers.year, numbers.first, numbers.last])
        return [line for (line,) in cursor.fetchall()]


def read_back(said: Mapping[str, Any], run: Run) -> Destruction:
    """What a line of the ledger says; what it did not know of then has its default."""
    known = {field.attname: field.to_python(said[field.attname]) for field in _said() if field.attname in said}
    return Destruction(run=run, **known)


@cache
def _lines() -> str:
    return _LINE.format(said=", ".join(_as_told(field) for field in _said()))


def _as_told(field: "Field[Any, Any]") -> str:
    """JSON has no bytes: they are told as Django reads them."""
    column = field.column or ""
    return f"encode({column}, 'base64') AS {column}" if isinstance(field, BinaryField) else column


@cache
def _said() -> list["Field[Any, Any]"]:
    return [f for f in Destruction._meta.concrete_fields if not f.primary_key and f.remote_field is None]
