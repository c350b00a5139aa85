"""Rows fetched together open together, and what few rows need of their subjects comes with them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models.query import MAX_GET_RESULTS, ModelIterable

from personal_data import scope as scopes
from personal_data.batches import seal_rows
from personal_data.copying import copy_rows, may_copy
from personal_data.pages import Page
from personal_data.reading import comes_plain, find_one, read_in_binary, with_cards

M = TypeVar("M", bound=models.Model)


class PageIterable(ModelIterable):  # type: ignore[type-arg]
    """Model instances, page by page; `iterator()` makes a page of each chunk."""

    def __iter__(self) -> Iterator[Any]:
        scope = scopes.scope_if_any()
        queryset: Any = self.queryset
        if scope is None or self.chunked_fetch:
            yield from self._in_batches(scope)
        elif comes_plain(queryset.query) and not queryset._known_related_objects:  # noqa: SLF001
            yield from self._in_binary(scope)
        elif _is_short(queryset.query):
            yield from self._with_cards(scope)
        else:
            yield from self._in_batches(scope)

    def _in_batches(self, scope: Any) -> Iterator[Any]:
        rows = super().__iter__()
        while batch := list(islice(rows, self.chunk_size if self.chunked_fetch else None)):
            if len(batch) > 1:
                page = Page(batch, None)
                if scope:
                    scope.adopt(page)
            yield from batch

    def _in_binary(self, scope: Any) -> list[Any]:
        asked = self.queryset.query
        declaration = scope.declaring.values_if_awaited() if _is_short(asked) else None  # once for each row
        query = with_cards(asked, declaration)
        with scope.declaring.brought_along(declaration):
            rows = read_in_binary(query, using=self.queryset.db)
            scope.declaring.arrived(declaration, rows)
        scope.adopt(Page(rows, None, has_cards=True))
        return rows

    def _with_cards(self, scope: Any) -> list[Any]:
        """The few rows with their subjects' cards, which go to the scope."""
        asked = self.queryset.query
        self.queryset.query = with_cards(asked, declaration := scope.declaring.values_if_awaited())
        try:
            with scope.declaring.brought_along(declaration):
                rows = list(super().__iter__())
                scope.declaring.arrived(declaration, rows)
        finally:
            self.queryset.query = asked
        scope.adopt(Page(rows, None, has_cards=True))
        return rows


def _is_short(query: Any) -> bool:
    """Whether so few rows are asked for that a query of its own for their subjects would cost more."""
    is_short = query.high_mark is not None and query.high_mark - query.low_mark <= MAX_GET_RESULTS
    return is_short and not (query.combinator or query.distinct or query.group_by is not None)


class PeerQuerySet(models.QuerySet[M], Generic[M]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._iterable_class = PageIterable

    def get(self, *args: Any, **kwargs: Any) -> M:
        """One row found by one unique value, the commonest of all questions, is asked for past the ORM's compiler."""
        scope = scopes.scope_if_any()
        if scope and not args and len(kwargs) == 1 and self._asks_for_nothing_else():
            ((name, value),) = kwargs.items()
            found = find_one(self.model, name, value, scope, using=self.db)
            if found is not None:
                return found  # type: ignore[no-any-return]
        return super().get(*args, **kwargs)

    def _asks_for_nothing_else(self) -> bool:
        query: Any = self.query
        return (
            not (query.where or query.is_sliced or query.select_for_update or query.deferred_loading[0])
            and not (self._known_related_objects or self._prefetch_related_lookups)  # type: ignore[attr-defined]
            and self._result_cache is None
            and self._iterable_class is PageIterable
            and comes_plain(query)
        )

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """All of them are sealed in one pass, and go in by COPY unless something is asked for that COPY cannot do."""
        rows: list[Any] = list(objs)
        if scope := scopes.scope_if_any():
            seal_rows(rows, scope)
        if not (args or kwargs) and may_copy(self.model, rows):
            copy_rows(self.model, rows, using=self.db)
            return rows
        return super().bulk_create(rows, *args, **kwargs)
