"""The question itself: may purpose P process subject S now?

One statement by primary key, and then the very function that the choke point asks. There is no cache between the
subject's row and the answer, so a withdrawal holds for every question that comes after its commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import connection

from personal_data.permission import refusal_of_subject
from personal_data.subject_state import STANDING, SubjectState
from processing_log.events import uuid_array
from profiles.schema import Purpose
from systems.prepared import Prepared

CONSENT, BASIS, UNKNOWN = "consent", "basis", "unknown_subject"

_SUBJECTS: Final = "vault.personal_data_subject s"
_IS_VALID: Final = "k.digest = %s AND k.revoked_at IS NULL AND k.expires_at > %s"
_KEY: Final = f"SELECT k.id, k.purposes, k.per_minute FROM systems_systemkey k WHERE {_IS_VALID}"  # noqa: S608
_MANY: Final = f"SELECT s.id, {STANDING} FROM {_SUBJECTS} WHERE s.id = ANY(%s::uuid[])"  # noqa: S608
_ONE: Final = Prepared(
    "may_one",
    f"""SELECT k.id, k.per_minute, $2 = ANY(k.purposes), (SELECT {STANDING} FROM {_SUBJECTS} WHERE s.id = $3::uuid)
    FROM systems_systemkey k WHERE k.digest = $1 AND k.revoked_at IS NULL AND k.expires_at > $4::timestamptz""",  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Another system, by its key."""

    key_id: UUID
    purposes: Sequence[str]
    per_minute: int


@dataclass(frozen=True, slots=True)
class Known:
    """What one statement tells of a question: who asks, whether the key is for the purpose, how the person stands."""

    key_id: str
    per_minute: int
    may_ask: bool
    standing: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a code: of the refusal, or what the purpose rests on."""

    may: bool
    reason: str


def caller_of(digest: str, at: datetime) -> Caller | None:
    """Whose key it is, if it is valid."""
    rows = _fetch(_KEY, (digest, at))
    return Caller(*rows[0]) if rows else None


def ask_one(digest: str, purpose: str, subject_id: UUID, at: datetime) -> Known | None:
    """None if the key is not valid."""
    row = _ONE.first((digest.encode(), purpose.encode(), str(subject_id).encode(), at.isoformat().encode()))
    if row is None:
        return None
    key_id, per_minute, may_ask, standing = row
    return Known(str(key_id), int(per_minute or 0), may_ask == "t", standing)


def standings(subject_ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(_fetch(_MANY, (uuid_array(subject_ids),)))


def judge(purpose: Purpose, subject_id: UUID, standing: str | None) -> Verdict:
    """What the choke point says of it."""
    if standing is None:
        return Verdict(False, UNKNOWN)
    refusal = refusal_of_subject(purpose, SubjectState(subject_id, f"{standing}\n".encode(), loaded_at=0))
    if refusal is not None:
        return Verdict(False, refusal.code)
    return Verdict(True, CONSENT if purpose.needs_consent else BASIS)


def _fetch(statement: str, params: tuple[Any, ...]) -> list[Any]:
    """Prepared by PostgreSQL once a connection; Django's own cursor would write the values into the text."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return psycopg.Cursor(connection.connection).execute(statement, params, prepare=True, binary=True).fetchall()
