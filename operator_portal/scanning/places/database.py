"""Every row of every table, as PostgreSQL itself reads them: decompressed, and bytea as the bytes it holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Final

import psycopg
from psycopg import sql

from operator_portal.scanning.batch import Batch
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.places.place import DATABASE, Progress
from operator_portal.scanning.report import Report
from operator_portal.scanning.search import Hit

SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00"
HEADER: Final = len(SIGNATURE) + 8
TRAILER: Final = b"\xff\xff"
NULL: Final = -1
MEMORY_OF_THE_SERVER: Final = ("pg_stat_activity", "pg_stat_statements", "pg_prepared_statements")
FOREIGN: Final = "f"

TABLES: Final = """
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_table_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'f') AND NOT pg_is_other_temp_schema(n.oid)
ORDER BY n.nspname, c.relname
"""
COLUMNS: Final = """
SELECT attname, atttypid = 'bytea'::regtype FROM pg_attribute
WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY 2 DESC, attnum
"""
KEY_COLUMNS: Final = """
SELECT a.attname, a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'uuid'::regtype)
FROM pg_index i CROSS JOIN unnest(i.indkey) k JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k
WHERE i.indrelid = %s AND i.indisprimary
"""


@dataclass(frozen=True, kw_only=True)
class Table:
    oid: int
    schema: str
    name: str
    kind: str
    size: int

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A query whose first field says which row it is, then `columns`, those of bytea first."""

    query: sql.Composable
    key: str
    columns: tuple[str, ...]
    of_bytes: int


@dataclass(kw_only=True)
class DatabasePlace:
    connect: Callable[[], psycopg.Connection[Any]]  # autocommit
    name: str = DATABASE
    _tables: list[Table] = field(default_factory=list)
    _why_not: str = ""

    @cached_property
    def connection(self) -> psycopg.Connection[Any]:
        return self.connect()

    def size(self) -> int:
        names = ("oid", "schema", "name", "kind", "size")
        try:
            rows = self.connection.execute(TABLES).fetchall()
        except psycopg.OperationalError as error:
            self._why_not = type(error).__name__
            return 0
        self._tables = [Table(**dict(zip(names, row, strict=True))) for row in rows]
        return sum(table.size for table in self._tables)

    def scan(self, needles: Needles, report: Report, progress: Progress) -> None:
        if self._why_not:
            report.add_unread(self.name, "all tables", self._why_not)
            return
        # A policy that would hide rows makes the reading fail instead, and so known.
        self.connection.execute("SET row_security = off")
        self.connection.execute("SET statement_timeout = 0")
        for table in self._tables:
            self._scan_table(table, needles, report)
            progress(table.size)
        for view in MEMORY_OF_THE_SERVER:
            if self._exists(view):
                query = sql.SQL("SELECT '', v::text FROM {} v").format(sql.Identifier(view))
                reading = Reading(query=query, key="", columns=("row",), of_bytes=0)
                self._scan_rows(view, reading, needles, report)

    def _scan_table(self, table: Table, needles: Needles, report: Report) -> None:
        if table.kind == FOREIGN:
            report.add_unread(self.name, str(table), "a foreign table: its rows are kept elsewhere")
            return
        self._scan_rows(str(table), self._reading(table), needles, report)

    def _exists(self, relation: str) -> bool:
        return self.connection.execute("SELECT to_regclass(%s) IS NOT NULL", [relation]).fetchone() == (True,)

    def _reading(self, table: Table) -> Reading:
        columns = self.connection.execute(COLUMNS, [table.oid]).fetchall()
        keys = self.connection.execute(KEY_COLUMNS, [table.oid]).fetchall()
        key = [name for name, _ in keys] if keys and all(is_plain for _, is_plain in keys) else ["ctid"]
        fields = [
            sql.Identifier(name) if is_bytes else sql.SQL("{}::text").format(sql.Identifier(name))
            for name, is_bytes in columns
        ]
        return Reading(
            query=sql.SQL("SELECT {} FROM ONLY {}").format(
                sql.SQL(", ").join([_key(key), *fields]), sql.Identifier(table.schema, table.name)
            ),
            key=", ".join(key),
            columns=tuple(name for name, _ in columns),
            of_bytes=sum(is_bytes for _, is_bytes in columns),
        )

    def _scan_rows(self, where: str, reading: Reading, needles: Needles, report: Report) -> None:
        def found(_: None, hit: Hit, row: bytes) -> None:
            place = _place_in_row(row, hit.offset, reading, where)
            if place:
                report.add_hits(self.name, place[0], [Hit(hit.needle, place[1], hit.chain)])

        def cut(_: None) -> None:
            report.add_unread(self.name, where, "more is packed inside than the scan unpacks")

        batch = Batch[None](needles, found, cut)
        size = 0
        try:
            for row in self._rows(reading):
                size += len(row)
                batch.add(None, row, deflated=_starts(row, reading.of_bytes))
        except psycopg.Error as error:
            report.add_unread(self.name, where, _without_values(error))
        batch.flush()
        report.add_looked(self.name, items=1, size=size)

    def _rows(self, reading: Reading) -> Iterator[bytes]:
        """As COPY sends them: for each field its length and its bytes."""
        copy = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(reading.query)
        with self.connection.cursor() as cursor, cursor.copy(copy) as rows:
            for block in rows:
                row = bytes(block)
                if row.startswith(SIGNATURE):
                    row = row[HEADER:]
                if row and row != TRAILER:
                    yield row


def _key(columns: list[str]) -> sql.Composable:
    return sql.SQL("concat_ws(',', {})").format(sql.SQL(", ").join(map(sql.Identifier, columns)))


def _fields(row: bytes) -> Iterator[tuple[int, int]]:
    """(start, end) of each field; a NULL is empty."""
    at = 2
    for _ in range(int.from_bytes(row[:2])):
        length = int.from_bytes(row[at : at + 4], signed=True)
        at += 4
        end = at if length == NULL else at + length
        yield at, end
        at = end


def _starts(row: bytes, of_bytes: int) -> list[int]:
    """Where the values of bytea columns begin."""
    if not of_bytes:
        return []
    return [start for start, _ in islice(_fields(row), 1, of_bytes + 1)]


def _place_in_row(row: bytes, offset: int, reading: Reading, where: str) -> tuple[str, int] | None:
    """Column and row in words, and the offset in the column; None for the key that the query put in front."""
    fields = list(_fields(row))
    index = max((index for index, (start, _) in enumerate(fields) if start <= offset), default=0)
    if index == 0:
        return None
    key = row[slice(*fields[0])].decode()
    words = f"{where}.{reading.columns[index - 1]}"
    return (f"{words} [{reading.key} {key}]" if key else words), offset - fields[index][0]


def _without_values(error: psycopg.Error) -> str:
    """The primary message names relations and rights; details may hold values of rows."""
    return (error.diag.message_primary or type(error).__name__).strip()
