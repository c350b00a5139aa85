"""Who is there, by SQL: destroying opens nothing, so what is in a sealed column need not open."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from typing import Any, Final
from uuid import UUID

import psycopg

#: in both worlds: (table of ours, plain table, rows a person, columns after the person, their values)
_TABLES: Final = (
    ("card", 1, "email, name", "{noise}, {noise}"),
    ("case", 5, "question", "{noise}"),
    ("letter", 10, "case_id, body", "md5('case' || n || '/' || k %% 5)::uuid, {noise}"),
)
_NOISE: Final = "decode(repeat(md5(n || 'v' || k), 3), 'hex')"
_SUBJECTS: Final = """
INSERT INTO vault.personal_data_subject (id, kind, wrapped_key, key_number, epoch_id, open_purposes, created_at)
SELECT md5('person' || n)::uuid, 'user', decode(repeat(md5(n || 'key'), 4), 'hex'), 1, e.number, '{surveys}', now()
FROM generate_series(%(first)s::int, %(last)s::int) n, vault.personal_data_keyepoch e
"""
_CLOCKS: Final = """
INSERT INTO public.retention_clock
    (subject_id, trigger, rule, purpose, started_at, due_at, late_at, receipt_digest)
SELECT md5('person' || n)::uuid, 'account_deleted', 'account_deleted', '',
       %(due)s::timestamptz - interval '30 days', %(due)s::timestamptz, %(due)s::timestamptz + interval '1 day',
       sha256(('receipt' || n)::bytea)
FROM generate_series(%(first)s::int, %(last)s::int) n
"""
#: those that no constraint is made of
_INDEXES: Final = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid::regclass::text LIKE 'destruction_%' AND NOT i.indisunique
"""
_AT_ONCE: Final = 100_000
_ALWAYS: Final = """
SELECT t.tgrelid::regclass::text, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgenabled = 'A' AND c.relpersistence <> 't'
"""


def person(number: int) -> UUID:
    return UUID(md5(f"person{number}".encode(), usedforsecurity=False).hexdigest())


def grow(connection: psycopg.Connection[Any], first: int, last: int) -> None:
    """People number `first` to `last`, in both worlds."""
    place = {"first": first, "last": last}
    with _without_triggers(connection):
        connection.execute(_SUBJECTS.encode(), place)
        connection.execute(_plain_people().encode(), place)
        for prefix in ("", "plain"):
            for statement in _children(prefix):
                connection.execute(statement.encode(), place)


def settle_in(connection: psycopg.Connection[Any], count: int) -> None:
    """Those who are there first. Indexes are made afterwards: millions of random ids go into them one by one slowly."""
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _definition in indexes:
        connection.execute(f'DROP INDEX "{name}"'.encode())
    for first in range(0, count, _AT_ONCE):
        grow(connection, first, min(first + _AT_ONCE, count) - 1)
    connection.execute("SET maintenance_work_mem = '512MB'")
    for _name, definition in indexes:
        connection.execute(definition.encode())
    settle(connection)


def start_clocks(connection: psycopg.Connection[Any], first: int, last: int, *, due: str) -> None:
    with _without_triggers(connection):
        connection.execute(_CLOCKS.encode(), {"first": first, "last": last, "due": due})


def settle(connection: psycopg.Connection[Any]) -> None:
    """As after a night: statistics are known, dead rows are gone, and the log is on disk."""
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def _plain_people() -> str:
    return (
        "INSERT INTO public.destruction_plainperson SELECT md5('person' || n)::uuid "
        "FROM generate_series(%(first)s::int, %(last)s::int) n"
    )


def _children(prefix: str) -> Iterator[str]:
    people = "FROM generate_series(%(first)s::int, %(last)s::int) n"
    for table, rows, columns, values in _TABLES:
        yield (
            f"INSERT INTO public.destruction_{prefix}{table} (id, subject_id, {columns}) "
            f"SELECT md5('{table}' || n || '/' || k)::uuid, md5('person' || n)::uuid, {values.format(noise=_NOISE)} "
            f"{people}, generate_series(0, {rows - 1}) k"
        )
    yield (
        f"INSERT INTO public.destruction_{prefix}mark (id, case_id, at) "
        f"SELECT md5('mark' || n || '/' || k)::uuid, md5('case' || n || '/' || k)::uuid, now() "
        f"{people}, generate_series(0, 3) k"
    )


@contextmanager
def _without_triggers(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Foreign keys' by the session's role; those of ours that fire always, one by one, and on again afterwards."""
    always = connection.execute(_ALWAYS).fetchall()
    for table, name in always:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}".encode())
    connection.execute("SET session_replication_role = replica")
    yield
    connection.execute("SET session_replication_role = origin")
    for table, name in always:
        connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}".encode())
