"""Who is there: as many people as asked for, each with a consent in the ledger, by SQL; and a few by the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from typing import Any, Final
from uuid import UUID

import psycopg

#: The subjects and the ledger of one who gave a consent by the services serve as a pattern: a row differs in its keys.
_SUBJECTS: Final = """
INSERT INTO vault.personal_data_subject
SELECT r.* FROM vault.personal_data_subject s, generate_series(%(first)s::int, %(last)s::int) n,
    jsonb_populate_record(s, jsonb_build_object('id', md5('bench' || n)::uuid)) r
WHERE s.id = %(pattern)s::uuid
"""
_LEDGER: Final = """
INSERT INTO public.consent_ledgerentry
SELECT r.* FROM public.consent_ledgerentry e, generate_series(%(first)s::int, %(last)s::int) n,
    jsonb_populate_record(e, jsonb_build_object(
        'id', gen_random_uuid(), 'subject_id', md5('bench' || n)::uuid {unique})) r
WHERE e.subject_id = %(pattern)s::uuid
"""
_BARE: Final = """
INSERT INTO public.bench_bare SELECT md5('bench' || n)::uuid, true FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_UNIQUE: Final = """
SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = 'public.consent_ledgerentry'::regclass AND i.indisunique AND NOT i.indisprimary AND i.indnkeyatts = 1
"""
_ALWAYS: Final = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A'
AND tgrelid IN ('vault.personal_data_subject'::regclass, 'public.consent_ledgerentry'::regclass)
"""


def person(number: int) -> UUID:
    return UUID(md5(f"bench{number}".encode(), usedforsecurity=False).hexdigest())


def make_bare(connection: psycopg.Connection[Any]) -> None:
    connection.execute("CREATE TABLE public.bench_bare (id uuid PRIMARY KEY, may boolean NOT NULL)")
    connection.execute("GRANT SELECT ON public.bench_bare TO portal_app")


def grow(connection: psycopg.Connection[Any], pattern: str, first: int, last: int) -> None:
    """People number `first` to `last`. Without triggers and foreign keys: who gave what is not the question here."""
    place = {"first": first, "last": last, "pattern": pattern}
    with _without_triggers(connection):
        for statement in (_SUBJECTS, _LEDGER.format(unique=_new_values(connection)), _BARE):
            connection.execute(statement.encode(), place)
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


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


def _new_values(connection: psycopg.Connection[Any]) -> str:
    """What else no two entries may share: the showing that an entry proves itself by."""
    columns = connection.execute(_UNIQUE.encode()).fetchall()
    new = {name: "gen_random_uuid()" if kind == "uuid" else "-n" for name, kind in columns}
    return "".join(f", '{name}', CASE WHEN e.{name} IS NOT NULL THEN {value} END" for name, value in new.items())
