"""Appending to the log. One statement whatever the number of entries; `at` and `db_role` come from the database."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

from processing_log.actors import Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """Who acts, for which purpose and on what basis: the part that every event of one scope shares."""

    actor: Actor
    purpose: str
    basis: str
    system: str
    context: UUID
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What was done: one of the thirteen verbs, or a fact code, or both. `categories` are codes without commas. Where
    the same was done with the data of many, `subjects` names them all: an event for each."""

    operation: str = ""
    fact: str = ""
    subject: UUID | None = None
    subjects: Collection[UUID] = ()
    categories: tuple[str, ...] = ()
    reason: str = ""


# Subjects go as text: psycopg's own way with a list of a thousand costs more than the rest of the statement.
_APPEND = """
INSERT INTO processing_log_event
    (actor_kind, actor_id, purpose, basis, system, context, operation, fact, subject, categories, reason)
SELECT %s, %s, %s, %s, %s, %s, e.operation, e.fact, s.subject, string_to_array(e.categories, ','), e.reason
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS e (operation, fact, subjects, categories, reason)
    CROSS JOIN LATERAL unnest(e.subjects::uuid[]) AS s (subject)
"""


def append(declaration: Declaration, entries: Sequence[Entry], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Writes the entries in the transaction that is open; if the log refuses, the act fails with it."""
    if not entries:
        return
    actor = declaration.actor
    with connections[using].cursor() as cursor:
        cursor.execute(
            _APPEND,
            [
                actor.kind.value,
                actor.id,
                declaration.purpose,
                declaration.basis,
                declaration.system,
                declaration.context,
                [entry.operation for entry in entries],
                [entry.fact for entry in entries],
                [uuid_array(entry.subjects or (entry.subject,)) for entry in entries],
                [",".join(entry.categories) for entry in entries],
                [entry.reason or declaration.reason for entry in entries],
            ],
        )


def uuid_array(ids: Iterable[UUID | None]) -> str:
    """An array as PostgreSQL reads it."""
    return "{" + ",".join(["NULL" if uuid is None else uuid.hex for uuid in ids]) + "}"
