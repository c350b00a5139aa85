"""Writing the records of destruction: numbered without gaps within a year, one statement for a batch."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

import profiles
from law.deadlines import operator_zone
from personal_data.keyring import LONGEST_EPOCH
from retention import rules
from retention.erasure import Erased
from retention.models import Destruction, Method, Run

#: An epoch of the key-encryption key lasts at most so long; then it is destroyed, and with it every old copy.
EPOCH: Final = LONGEST_EPOCH


_INSERT: Final = """
INSERT INTO retention_destruction
    (year, destroyed_at, trigger, rule, reason, norm, system, method, run_id,
     running, subject, subject_kind, receipt_digest, started_at, due_at, late_at,
     categories, counts, key_epoch, final_at)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s,
       r.running, r.subject, r.subject_kind, r.receipt_digest, r.started_at, r.due_at, r.late_at,
       string_to_array(r.categories, ','), r.counts, r.key_epoch, r.final_at
FROM unnest(%s::int[], %s::uuid[], %s::text[], %s::bytea[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
            %s::text[], %s::jsonb[], %s::int[], %s::timestamptz[])
    AS r (running, subject, subject_kind, receipt_digest, started_at, due_at, late_at,
          categories, counts, key_epoch, final_at)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Departing:
    """A person on their way out: what the record needs of their clock, their vault row and their key's epoch."""

    subject_id: UUID
    kind: str
    trigger: str
    receipt_digest: bytes
    started_at: datetime
    due_at: datetime
    late_at: datetime
    key_epoch: int
    epoch_opened_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """The numbers that a batch of records was given."""

    year: int
    first: int
    last: int


def write(people: Sequence[Departing], erased: Mapping[UUID, Erased], *, rule: str, run: Run, at: datetime) -> Numbers:
    """One record for each. Holds back other batches from numbering until the commit."""
    year = timezone.localtime(at, operator_zone()).year
    first = _next_number(year)
    reason, norm = rules.texts_of(rule)
    same_for_all: list[Any] = [
        year, at, people[0].trigger, rule, Jsonb(reason), Jsonb(norm), profiles.current().system_name,
        Method.ROWS_AND_KEY.value, run.pk,
    ]  # fmt: skip
    of_each: list[Any] = [
        list(range(first, first + len(people))),
        [person.subject_id for person in people],
        [person.kind for person in people],
        [person.receipt_digest for person in people],
        [person.started_at for person in people],
        [person.due_at for person in people],
        [person.late_at for person in people],
        [",".join(sorted(erased[person.subject_id].categories)) for person in people],
        [json.dumps(erased[person.subject_id].counts) for person in people],
        [person.key_epoch for person in people],
        [final_moment(person.epoch_opened_at, at) for person in people],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*same_for_all, *of_each])
    return Numbers(year=year, first=first, last=first + len(people) - 1)


def final_moment(epoch_opened_at: datetime, destroyed_at: datetime) -> datetime:
    """When the epoch's key is to be destroyed, and no old copy opens any more. An epoch that should have ended already
    promises nothing; then the full length of one counts from the destruction."""
    planned = epoch_opened_at + EPOCH
    return planned if planned > destroyed_at else destroyed_at + EPOCH


def _next_number(year: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('retention_destruction'))")
        cursor.execute("SELECT coalesce(max(running), 0) + 1 FROM retention_destruction WHERE year = %s", [year])
        (number,) = cursor.fetchone() or (1,)
    return int(number)


def written_out(record: Destruction) -> dict[str, Any]:
    """All that it says, as JSON has it."""
    return {field.attname: field.value_to_string(record) for field in _said()}


def read_back(said: Mapping[str, Any], run: Run) -> Destruction:
    """What `written_out` wrote; what it did not know of then has its default."""
    known = {field.attname: field.to_python(said[field.attname]) for field in _said() if field.attname in said}
    return Destruction(run=run, **known)


def _said() -> list[Any]:
    return [f for f in Destruction._meta.concrete_fields if not f.primary_key and f.remote_field is None]
