"""Taking the log out. PostgreSQL writes the file's text itself and Python passes it on, so that a million events cost
seconds and no memory."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from processing_log.filters import LogFilter
from processing_log.models import Event
from processing_log.scopes import eyes

BLOCK: Final = 64 * 1024


class Format(TextChoices):
    CSV = "csv", "CSV"
    JSON_LINES = "jsonl", "JSON Lines"
    XLSX = "xlsx", "XLSX"
    ZIP = "zip", _("ZIP with proof")


#: What PostgreSQL writes as a whole; the others are made of it.
STREAMED: Final = (Format.CSV, Format.JSON_LINES)
CONTENT_TYPES: Final = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON_LINES: "application/jsonl; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.ZIP: "application/zip",
}
COLUMNS: Final = tuple(field.name for field in Event._meta.concrete_fields)

# What a spreadsheet takes for a formula gets an apostrophe in front. It begins with = + - @, tab, carriage return or
# line feed, or with = + - @ in full width; NUL, the remaining one, cannot be in a text of PostgreSQL.
_CELL: Final = (
    "CASE WHEN ascii({0}) IN (61, 43, 45, 64, 9, 13, 10, 65309, 65291, 65293, 65312) THEN '''' || {0} ELSE {0} END"
)
_SPECIAL: Final = {
    "categories": _CELL.format("array_to_string({0}, ',')"),
    # These are no text, or the database lets them be nothing but certain words. The moment stays as PostgreSQL writes
    # it, "2026-01-31 09:00:00.5+00": sorted as text it is sorted in time, and to_char() would cost a fifth of all.
    **dict.fromkeys(("id", "at", "actor_kind", "operation", "subject", "context"), "{0}"),
}
_CELLS: Final = ", ".join(f"{_SPECIAL.get(name, _CELL).format(name)} AS {name}" for name in COLUMNS)

_CSV: Final = "COPY (SELECT {cells} FROM ({events}) e) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)"
# The other formats of COPY would double the backslashes of JSON; in this one nothing is special that JSON can hold.
_JSON_LINES: Final = (
    "COPY (SELECT row_to_json(e) FROM ({events}) e) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
)
_END_OF_LINE: Final = {Format.CSV: b"\r\n", Format.JSON_LINES: b"\n"}


def blocks(wanted: LogFilter, form: Format) -> Iterator[tuple[int, bytes]]:
    """(number of events, text), oldest event first. Holds the connection until the end."""
    statement, params = _statement(wanted, form)
    end = _END_OF_LINE[form]
    lines: list[bytes] = []
    size, heads = 0, int(form is Format.CSV)
    with eyes(wanted.within), connection.cursor() as cursor, cursor.copy(statement, params) as copy:
        for row in copy:
            line = bytes(row)[:-1]
            lines.append(line)
            size += len(line)
            if size >= BLOCK:
                yield len(lines) - heads, end.join(lines) + end
                lines, size, heads = [], 0, 0
    if lines:
        yield len(lines) - heads, end.join(lines) + end


def _statement(wanted: LogFilter, form: Format) -> tuple[str, tuple[Any, ...]]:
    events, params = wanted.events().order_by("at", "id").values_list(*COLUMNS).query.sql_with_params()
    template = _CSV if form is Format.CSV else _JSON_LINES
    return template.format(cells=_CELLS, events=events), params
