"""Rows fetched together open together, and what few rows need of their subjects comes with them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

from django.db import connections, models, transaction
from django.db.models.expressions import Col, Expression
from django.db.models.query import MAX_GET_RESULTS, ModelIterable

from personal_data import scope as scopes
from personal_data.pages import Page
from personal_data.subject_state import CARD

M = TypeVar("M", bound=models.Model)
_CARD = "portal_card"


class SubjectCard(Expression):
    """The subject's card beside the row. A subquery and not a join: a join could be planned as a scan of all subjects,
    and would lock them with the rows in select_for_update()."""

    def __init__(self, subject_id: Col) -> None:
        super().__init__(output_field=models.TextField())
        self.subject_id = subject_id

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.subject_id)
        return f"(SELECT {CARD} FROM personal_data_subject s WHERE s.id = {column})", list(params)  # noqa: S608


class PageIterable(ModelIterable):  # type: ignore[type-arg]
    """Model instances, page by page; `iterator()` makes a page of each chunk."""

    def __iter__(self) -> Iterator[Any]:
        scope = scopes.scope_if_any()
        with_card = scope is not None and _brings_card(self.queryset.query)
        if with_card:
            self.queryset = _with_card(self.queryset)
        rows = super().__iter__()
        while batch := list(islice(rows, self.chunk_size if self.chunked_fetch else None)):
            if scope and with_card:
                _read_cards(scope, batch)
            if len(batch) > 1:
                page = Page(batch, None)
                if scope:
                    scope.adopt(page)
            yield from batch


def _brings_card(query: Any) -> bool:
    """Where one row is asked for, or so few that a query of its own for their subjects would cost more."""
    is_short = query.high_mark is not None and query.high_mark - query.low_mark <= MAX_GET_RESULTS
    return is_short and not (query.combinator or query.distinct or query.group_by is not None)


def _with_card(queryset: Any) -> Any:
    clone = queryset.all()
    field = queryset.model._meta.get_field("subject")
    clone.query.annotations = {
        **clone.query.annotations,
        _CARD: SubjectCard(field.get_col(clone.query.get_initial_alias())),
    }
    clone.query.append_annotation_mask([_CARD])
    return clone


def _read_cards(scope: Any, rows: Iterable[Any]) -> None:
    for row in rows:
        card = row.__dict__.pop(_CARD)
        if "subject_id" in row.__dict__ and card is not None:
            scope.read_card(row.__dict__["subject_id"], card)


class PeerQuerySet(models.QuerySet[M], Generic[M]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._iterable_class = PageIterable

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Their subjects are loaded with one query."""
        rows: list[Any] = list(objs)
        if scope := scopes.scope_if_any():
            scope.meet({row.subject_id for row in rows} - {None})
        return super().bulk_create(rows, *args, **kwargs)

    def copy_in(self, objs: Iterable[M]) -> int:
        """`bulk_create()` through COPY, several times faster: for rows that have their keys and subjects. Returns how
        many there were. Sealed, refused and logged like any others."""
        rows: list[Any] = list(objs)
        if scope := scopes.scope_if_any():
            scope.meet({row.subject_id for row in rows} - {None})
        copy_rows(self.model, rows, using=self.db)
        return len(rows)


def copy_rows(model: type[models.Model], rows: list[Any], *, using: str) -> None:
    """As `save(force_insert=True)` of each writes them, in one COPY."""
    connection = connections[using]
    fields = model._meta.local_concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN"
    values = [[field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields] for row in rows]
    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            for line in values:
                copy.write_row(line)
    for row in rows:
        row._state.adding, row._state.db = False, using
