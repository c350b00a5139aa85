"""Rows fetched together open together, and what few rows need of their subjects comes with them."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import Any, Generic, TypeVar

from django.db import connections, models, transaction
from django.db.models.expressions import Col, Expression
from django.db.models.query import MAX_GET_RESULTS, ModelIterable

from personal_data import scope as scopes
from personal_data.declaring import DECLARE
from personal_data.pages import Page

M = TypeVar("M", bound=models.Model)
_CARD = "portal_card"


class SubjectCard(Expression):
    """The subject's card beside the row. A function and not a join: a join could be planned as a scan of all subjects,
    is planned anew for each query, and would lock them with the rows in select_for_update()."""

    def __init__(self, subject_id: Col, declaration: list[str] | None) -> None:
        super().__init__(output_field=models.TextField())
        self.subject_id = subject_id
        self.declaration = declaration

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.subject_id)
        card = f"public.portal_card({column})"
        if self.declaration is None:
            return card, params
        return f"{DECLARE} || {card}", [*self.declaration, *params]


class PageIterable(ModelIterable):  # type: ignore[type-arg]
    """Model instances, page by page; `iterator()` makes a page of each chunk."""

    def __iter__(self) -> Iterator[Any]:
        scope = scopes.scope_if_any()
        for batch in self._with_cards(scope) if scope and _brings_card(self.queryset.query) else self._batches():
            if len(batch) > 1:
                page = Page(batch, None)
                if scope:
                    scope.adopt(page)
            yield from batch

    def _batches(self) -> Iterator[list[Any]]:
        rows = super().__iter__()
        while batch := list(islice(rows, self.chunk_size if self.chunked_fetch else None)):
            yield batch

    def _with_cards(self, scope: Any) -> Iterator[list[Any]]:
        """The few rows with their subjects' cards, which go to the scope. They bring the declaration along, if it is
        still to be made."""
        declaration = scope.declaring.values() if scope.declaring.is_awaited else None
        asked = self.queryset.query
        self.queryset.query = _asking_for_cards(asked, declaration)
        try:
            with scope.declaring.brought_along() if declaration else nullcontext():
                rows = list(super().__iter__())
        finally:
            self.queryset.query = asked
        if declaration and rows:
            scope.declaring.was_brought_along()
        for row in rows:
            card, subject_id = row.__dict__.pop(_CARD), row.__dict__.get("subject_id")
            if card and subject_id:
                scope.read_card(subject_id, card)
        yield rows


def _brings_card(query: Any) -> bool:
    """Where one row is asked for, or so few that a query of its own for their subjects would cost more."""
    is_short = query.high_mark is not None and query.high_mark - query.low_mark <= MAX_GET_RESULTS
    return is_short and not (query.combinator or query.distinct or query.group_by is not None)


def _asking_for_cards(asked: Any, declaration: list[str] | None) -> Any:
    query = asked.clone()
    subject_id = query.model._meta.get_field("subject").get_col(query.get_initial_alias())
    query.annotations = {**query.annotations, _CARD: SubjectCard(subject_id, declaration)}
    query.append_annotation_mask([_CARD])
    return query


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
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN"
    values = [[field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields] for row in rows]
    scope = scopes.scope_if_any()
    if scope and scope.declaring.is_awaited:
        scope.declaring.make()  # COPY does not pass where statements are waited for
    with (
        transaction.atomic(using=using, savepoint=False),
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for line in values:
            copy.write_row(line)
    for row in rows:
        row._state.adding, row._state.db = False, using
