"""One moment of the database that several programs see, and what is counted in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from psycopg import sql

from backups import databases

_TABLES: Final = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'vault') AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1, 2
"""
#: of all events, also those of the last seconds that the tree does not have yet; what it has, the tree proves
_EVENTS: Final = (
    "SELECT count(*), coalesce(sum(hashtextextended(e::text, 0)::numeric), 0)::text FROM processing_log_event e"
)
_TREE: Final = "SELECT size, encode(root, 'hex') FROM processing_log_treestate"


@dataclass(frozen=True, kw_only=True)
class Counted:
    rows: dict[str, int]
    events: int
    events_digest: str
    log_size: int
    log_root: str


@contextmanager
def shared() -> Iterator[tuple[str, Counted]]:
    """The snapshot's name, as long as the block lasts, and what was counted in it."""
    own = connection.copy()
    own.settings_dict = databases.named(databases.BACKUP)
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (name,) = cursor.fetchone()
            yield str(name), count(cursor)
            cursor.execute("ROLLBACK")
    finally:
        own.close()


def count(cursor: Any) -> Counted:
    cursor.execute(_TABLES)
    rows = {}
    for schema, table in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table)))
        rows[f"{schema}.{table}"] = int(cursor.fetchone()[0])
    cursor.execute(_EVENTS)
    events, digest = cursor.fetchone()
    cursor.execute(_TREE)
    size, root = cursor.fetchone()
    return Counted(rows=rows, events=int(events), events_digest=str(digest), log_size=int(size), log_root=str(root))
