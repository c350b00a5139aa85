"""Many rows at once: in binary, and with the cards of their subjects.

PostgreSQL would write ciphertext out in hexadecimal, which psycopg reads back: half the time of fetching sealed rows.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.expressions import Col, Expression

from personal_data.declaring import DECLARE_BEFORE_BYTES
from personal_data.pages import CARD, LoadedState
from personal_data.subject_state import CARD_OF

#: fields whose values are the same whether they come as text or in binary
_ALIKE: Final = (
    models.UUIDField, models.BinaryField, models.TextField, models.CharField, models.IntegerField, models.BooleanField,
    models.DateField, models.ForeignKey,
)  # fmt: skip


_NAMED: Final = re.compile(r"%\((\w+)\)s")


class SubjectCard(Expression):
    """The subject's card beside each row. A subquery, because a join might be planned as a scan of all subjects, and
    would lock them with the rows in select_for_update(). Brings a declaration along, if there is one."""

    def __init__(self, subject_id: Col, declaration: list[str] | None) -> None:
        super().__init__(output_field=models.BinaryField())
        self.subject_id = subject_id
        self.declaration = declaration

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.subject_id)
        card = CARD_OF.format(subject=column)
        if self.declaration is None:
            return card, params
        return f"{DECLARE_BEFORE_BYTES} || {card}", [*self.declaration, *params]


def with_cards(asked: Any, declaration: list[str] | None) -> Any:
    query = asked.clone()
    subject_id = query.model._meta.get_field("subject").get_col(query.get_initial_alias())
    query.annotations = {**query.annotations, CARD: SubjectCard(subject_id, declaration)}
    query.append_annotation_mask([CARD])
    return query


class _BinaryCursor(psycopg.Cursor[Any]):
    """Puts parameters into the statement as Django's own cursor does, and asks for the rows in binary."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        if params:
            query = psycopg.ClientCursor(self.connection).mogrify(query, params)
        return super().execute(query, prepare=False, binary=True)


class _PreparingCursor(psycopg.Cursor[Any]):
    """For statements that are always the same."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        return super().execute(query, params, binary=True)


class _PreparedCursor(psycopg.RawCursor[Any]):
    """For a long statement that is always the same: PostgreSQL plans it once a connection, and psycopg does not look
    for placeholders in it each time, as it does in whatever is too long for its cache."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        return super().execute(query, params, prepare=True)


def fetch_prepared(sql: str, params: Mapping[str, Any], using: str) -> list[Any]:
    """`sql` with `%(name)s` for each parameter, as it is written in the code: it is remembered."""
    numbered, names = _numbered(sql)
    return _fetch(_PreparedCursor, numbered, [params[name] for name in names], using)


@cache
def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """As PostgreSQL itself names parameters, $1 and so on, and which those are."""
    names = tuple(dict.fromkeys(_NAMED.findall(sql)))
    numbered = _NAMED.sub(lambda found: f"${names.index(found.group(1)) + 1}", sql)
    return numbered.replace("%%", "%"), names


def comes_plain(query: Any) -> bool:
    """Whether it asks for columns of its own table and nothing else, and all of them may come in binary."""
    more = query.select_related or query.annotations or query.extra or query.combinator or query.distinct
    locks = query.select_for_update and query.select_for_update_of
    return not (more or locks or query.group_by is not None) and _may_be_binary(query.model)


@cache
def _may_be_binary(model: Any) -> bool:
    return all(hasattr(field, "rest") or isinstance(field, _ALIKE) for field in model._meta.concrete_fields)


def read_in_binary(query: Any, *, using: str) -> list[Any]:
    compiler = query.get_compiler(using=using)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return []
    fields = [column[0].target.attname for column in compiler.select[: len(compiler.klass_info["select_fields"])]]
    fetched = _fetch(_BinaryCursor, sql, params, using)
    return _made(query.model, [*query.model.keys_of(fields), CARD], fetched, using)


def find_one(model: Any, name: str, value: Any, scope: Any, *, using: str) -> Any:
    """The row with this value in a unique column, and its subject's card. Raises DoesNotExist; None if it is not to be
    found so simply."""
    found = _unique_column(model, name)
    if found is None or not isinstance(value, (str, int, UUID)):
        return None
    column, digest = found
    declaration = scope.declaring.values_if_awaited()
    sql = _statement(model, column.column, declaration is not None)
    with scope.declaring.brought_along(declaration):
        fetched = _fetch(_PreparingCursor, sql, [*(declaration or ()), digest(value)], using)
        scope.declaring.arrived(declaration, fetched)
    keys = [*model.keys_of(field.attname for field in model._meta.concrete_fields), CARD]
    for row in _made(model, keys, fetched, using):
        scope.read_card(row.subject_id, row.__dict__.pop(CARD))
        return row
    raise model.DoesNotExist(f"{model._meta.object_name} matching query does not exist.")


@cache
def _unique_column(model: Any, name: str) -> tuple[Any, Any] | None:
    """The column that tells at most one row, and what is compared with it."""
    if name == "pk":
        name = model._meta.pk.name
    field = next((field for field in model._meta.concrete_fields if field.name == name), None)
    if field is None or field.is_relation:
        return None
    if hasattr(field, "rest"):
        index = next((index for index in field.blind_indexes if index.unique), None)
        return (index, index.digest) if index else None
    return (field, field.get_prep_value) if field.unique else None


@cache
def _statement(model: Any, column: str, declares: bool) -> str:
    quote = connections["default"].ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(f"{table}.{quote(field.column)}" for field in model._meta.concrete_fields)
    card = CARD_OF.format(subject=f"{table}.subject_id")
    said = f"{DECLARE_BEFORE_BYTES} || " if declares else ""
    return f"SELECT {columns}, {said}{card} FROM {table} WHERE {table}.{quote(column)} = %s"  # noqa: S608


def _fetch(cursor_class: Any, sql: str, params: Any, using: str) -> list[Any]:
    connection: Any = connections[using]
    connection.ensure_connection()
    # what connection.cursor() does with a cursor of its own choice: statements are seen, logged and waited for alike
    with connection._prepare_cursor(cursor_class(connection.connection)) as cursor:  # noqa: SLF001
        cursor.execute(sql, params)
        rows: list[Any] = cursor.fetchall()
    return rows


def _made(model: Any, keys: list[str], fetched: list[Any], using: str) -> list[Any]:
    make, rows = model.__new__, []
    for values in fetched:
        row = make(model)
        row.__dict__.update(zip(keys, values, strict=True))
        state = row._state = LoadedState()
        if using != "default":
            state.db = using
        rows.append(row)
    return rows
