"""Takes out of a test database what tests have written, far faster than the database is made anew."""

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

# A row of a catalogue that is written anew has another xmin, so the sums tell any change of the schema, of its rights
# and of the planner's statistics. Of temporary tables an empty schema stays.
CATALOGUES: Final = (
    "pg_attrdef",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_default_acl",
    "pg_event_trigger",
    "pg_extension",
    "pg_index",
    "pg_inherits",
    "pg_largeobject_metadata",
    "pg_policy",
    "pg_proc",
    "pg_rewrite",
    "pg_statistic",
    "pg_statistic_ext",
    "pg_type",
)
SCHEMA: Final = sql.SQL(" UNION ALL ").join(
    [
        *(
            sql.SQL("SELECT count(*), sum(xmin::text::bigint) FROM {}").format(sql.Identifier(name))
            for name in CATALOGUES
        ),
        sql.SQL("SELECT count(*), sum(hashtext(t::text)::bigint) FROM pg_trigger t"),
        sql.SQL("SELECT count(*), sum(xmin::text::bigint) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'"),
        sql.SQL("SELECT count(*), sum(xmin::text::bigint) FROM pg_database WHERE datname = current_database()"),
        sql.SQL(
            "SELECT count(*), sum(s.xmin::text::bigint) FROM pg_db_role_setting s"
            " JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()"
        ),
    ]
)
#: Tables that have, or had since the database was made, a row.
WRITTEN: Final = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND pg_relation_size(c.oid) > 0
"""
SEQUENCES: Final = "SELECT seqrelid, seqstart, pg_sequence_last_value(seqrelid) FROM pg_sequence"
#: Most of the product's triggers refuse the superuser too. A new connection reads them after this; nobody else sees it.
ASLEEP: Final = "UPDATE pg_trigger SET tgenabled = 'D' WHERE tgenabled = 'A' RETURNING oid"
AWAKE: Final = "UPDATE pg_trigger SET tgenabled = 'A' WHERE oid = ANY(%s)"
OTHERS: Final = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

#: Schema and name.
Table = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class AsMade:
    """What stands in a database that nobody has used yet. `rows` are the contents of the tables that have any."""

    schema: list[Any]
    rows: dict[Table, bytes]
    sequences: list[Any]

    @classmethod
    def look(cls, connection: psycopg.Connection[Any]) -> "AsMade":
        rows = {table: content for table in _written(connection) if (content := _content(connection, table))}
        return cls(schema=_all(connection, SCHEMA), rows=rows, sequences=_all(connection, SEQUENCES))

    def bring_back(self, connection: psycopg.Connection[Any]) -> bool:
        """Puts everybody else out. False, and nothing done, where the schema is another by now: the
        database has to be made anew then. `connection` is the superuser's, and new."""
        connection.execute(OTHERS)
        if _all(connection, SCHEMA) != self.schema:
            return False
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute("SET LOCAL allow_system_table_mods = on")
            asleep = [oid for (oid,) in _all(connection, ASLEEP)]
            for table in _written(connection):
                self._bring_back(connection, table)
            for changed in set(_all(connection, SEQUENCES)).difference(self.sequences):
                self._set_back(connection, changed[0])
            connection.execute(AWAKE, [asleep])
        return True

    def _bring_back(self, connection: psycopg.Connection[Any], table: Table) -> None:
        content = self.rows.get(table, b"")
        if content and _content(connection, table) == content:
            return
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*table)))
        if content:
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(*table))) as copy:
                copy.write(content)

    def _set_back(self, connection: psycopg.Connection[Any], sequence: int) -> None:
        start, last = next((start, last) for oid, start, last in self.sequences if oid == sequence)
        connection.execute(
            "SELECT setval(%s::oid::regclass, %s, %s)", [sequence, start if last is None else last, last is not None]
        )


def _written(connection: psycopg.Connection[Any]) -> list[Table]:
    return _all(connection, WRITTEN)


def _content(connection: psycopg.Connection[Any], table: Table) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(*table))) as copy:
        return b"".join(bytes(part) for part in copy)


def _all(connection: psycopg.Connection[Any], query: Any) -> list[Any]:
    return connection.execute(query).fetchall()
