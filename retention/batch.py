"""One batch of people on their way out, kept in PostgreSQL while its transaction lasts: who they are, and what was
deleted of each. A thousand people go through without one of them being an object here.

Both tables are temporary: the session's own, and empty after each transaction. Functions of the owner make them,
because the application may make no table at all: `retention_leaving` (0003 of the migrations), and `portal_loss`, into
which the triggers of sealed tables write what each person lost (personal_data/triggers.py). They hold references, codes
and counts.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Greatest

from retention.models import Clock, ClockQuerySet

_MAKE: Final = "SELECT public.retention_make_room()"
_NOTE_LOSSES: Final = "SELECT public.portal_note_losses(%s)"
_TAKE: Final = """
INSERT INTO retention_leaving
    (place, subject, kind, trigger, receipt_digest, started_at, due_at, late_at, key_epoch)
SELECT row_number() OVER (), locked.* FROM ({locked}) AS locked
RETURNING subject
"""
_TOTAL: Final = "SELECT place, sum(rows)::bigint FROM portal_loss GROUP BY place"
_OWE_FILES: Final = """
INSERT INTO retention_filedebt (model, row, "column", name, created_at)
SELECT g.place, f.id, '', '', %s FROM portal_loss g, unnest(g.files) AS f (id)
"""


_HAD: Final = """
SELECT g.subject, array_agg(DISTINCT c.code ORDER BY c.code) FROM portal_loss g, unnest(g.categories) AS c (code)
GROUP BY g.subject
"""
_HAD_NOTHING: Final = """
SELECT subject FROM retention_leaving EXCEPT SELECT subject FROM portal_loss WHERE categories <> '{}'
"""


def note_losses(fact: str = "") -> None:
    """From here on what people lose is noted, for `total()`, `had()` and `owe_files()`. PostgreSQL enters it in the
    log, an event a person with this fact, when constraints are checked."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_LOSSES, [fact])


def had(subject_ids: Sequence[UUID]) -> dict[tuple[str, ...], list[UUID]]:
    """Who had data of which categories in the deleted rows."""
    with connection.cursor() as cursor:
        cursor.execute(_HAD)
        found = dict(cursor.fetchall())
    alike: dict[tuple[str, ...], list[UUID]] = {}
    for subject_id in subject_ids:
        alike.setdefault(tuple(found.get(subject_id, ())), []).append(subject_id)
    return alike


def had_nothing() -> list[UUID]:
    """Of the batch: who lost nothing that was sealed."""
    with connection.cursor() as cursor:
        cursor.execute(_HAD_NOTHING)
        return [subject_id for (subject_id,) in cursor.fetchall()]


def take(due: ClockQuerySet, size: int) -> list[UUID]:
    """Locks people, their clocks and vault rows; those whom somebody else holds wait for the next sweep."""
    locked, parameters = _locked(due, size)
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        cursor.execute(_TAKE.format(locked=locked), parameters)
        return [subject_id for (subject_id,) in cursor.fetchall()]


def _locked(due: ClockQuerySet, size: int) -> tuple[str, tuple[Any, ...]]:
    """What a purpose needed for longer was due when that purpose ended."""
    longer = Clock.objects.keeping().filter(subject_id=OuterRef("subject_id")).order_by("-due_at")
    columns = due.select_for_update(skip_locked=True).values_list(
        "subject_id",
        "subject__kind",
        "trigger",
        "receipt_digest",
        "started_at",
        Greatest("due_at", Subquery(longer.values("due_at")[:1])),
        Greatest("late_at", Subquery(longer.values("late_at")[:1])),
        "subject__epoch_id",
    )[:size]
    statement, parameters = columns.query.sql_with_params()
    return statement, tuple(parameters)


def total() -> Counter[str]:
    """How many rows were deleted, by table."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTAL)
        return Counter(dict(cursor.fetchall()))


def owe_files(at: datetime) -> None:
    """Notes which deleted rows had sealed files."""
    with connection.cursor() as cursor:
        cursor.execute(_OWE_FILES, [at])


def array_of(subject_ids: Sequence[UUID]) -> str:
    """An array as PostgreSQL spells it, made once for many statements: the driver takes longer than some of them."""
    return "{" + ",".join(map(str, subject_ids)) + "}"
