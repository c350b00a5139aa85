"""Making what the choke point reads equal to the ledger again, for everybody, in batches."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from consent import reach
from consent.facts import Fact
from consent.services import rebuild_open_purposes
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor

BATCH: Final = 2000
NOBODY: Final = UUID(int=0)

_BATCH: Final = """
SELECT s.id, s.open_purposes, coalesce(e.purposes, '{}')
FROM (
    SELECT id, open_purposes, destroyed_at FROM vault.personal_data_subject WHERE id > %s ORDER BY id LIMIT %s
) s
LEFT JOIN LATERAL (
    SELECT array_agg(newest.purpose ORDER BY newest.purpose) AS purposes FROM (
        SELECT DISTINCT ON (l.purpose) l.purpose, l.kind, l.text_id FROM consent_ledgerentry l
        WHERE l.subject_id = s.id ORDER BY l.purpose, l.turn DESC
    ) newest WHERE newest.kind = 'given' AND newest.text_id = ANY(%s) AND s.destroyed_at IS NULL
) e ON true
ORDER BY s.id
"""


@dataclass(frozen=True, kw_only=True)
class Difference:
    subject_id: UUID
    opened: tuple[str, ...]
    closed: tuple[str, ...]

    def __str__(self) -> str:
        parts = [f"+{purpose}" for purpose in self.opened] + [f"-{purpose}" for purpose in self.closed]
        return f"{self.subject_id} {' '.join(parts)}"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """`last` is whom the next batch begins after."""

    people: int
    last: UUID
    differences: tuple[Difference, ...]


def rebuild(
    *, actor: Actor, after: UUID = NOBODY, dry_run: bool = False, batch_size: int = BATCH
) -> Generator[Batch, None, None]:
    """Each difference is mended in a transaction of its own, from the ledger as it is then; whoever gives or withdraws
    meanwhile is not overtaken. Stopped at any point, it goes on after the last batch."""
    while rows := _rows(after, batch_size):
        found = tuple(
            Difference(
                subject_id=subject_id,
                opened=tuple(sorted(set(ledger) - set(held))),
                closed=tuple(sorted(set(held) - set(ledger))),
            )
            for subject_id, held, ledger in rows
            if set(held) != set(ledger)
        )
        if not dry_run:
            for difference in found:
                _mend(difference, actor)
        after = rows[-1][0]
        yield Batch(people=len(rows), last=after, differences=found)


def people() -> int:
    return Subject.objects.count()


def _mend(difference: Difference, actor: Actor) -> None:
    with processing("rights", actor=actor) as act:
        if rebuild_open_purposes(subject_id=difference.subject_id):
            act.record(Fact.CONSENTS_REBUILT.value, subject=difference.subject_id)


def _rows(after: UUID, size: int) -> list[tuple[UUID, list[str], list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute(_BATCH, [after, size, reach.covering_texts()])
        rows: list[tuple[UUID, list[str], list[str]]] = cursor.fetchall()
    return rows
