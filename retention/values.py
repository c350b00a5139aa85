"""Deleting a part of what is held about one person: categories, or a single value. Read off the data map.

A column that may be empty is emptied, with its blind index; a row that cannot be without it is deleted. Copies go
along: archives made to be handed over (WITHHELD as "answer") with any value, what somebody wants in the place of a
value (COPY_OF) with that one. Where nothing but copies is held there is nothing to destroy. Foreign keys are checked at
once, so that a row that something else leans on stops the act and says so.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Count, Q, Value

import profiles
from personal_data.data_map import Holding
from personal_data.fields import SealedFileField, SealedMixin
from retention import batch
from retention.erasure import LeftBehind, destroyed_holdings, erase_but
from retention.models import FileDebt

ANSWER = "answer"


class NotAlone(ValueError):
    """This cannot be destroyed without the whole person, or is not there."""


@dataclass(frozen=True, kw_only=True)
class Portion:
    """Categories, or the value in one column (`place`: "room.Model.column") of one row, or all but what is `kept`."""

    kept: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    place: str = ""
    row: UUID | None = None

    @property
    def scope(self) -> dict[str, Any]:
        if self.kept:
            return {"kept": sorted(self.kept)}
        return {"place": self.place, "row": str(self.row)} if self.place else {"categories": sorted(self.categories)}

    @classmethod
    def of_scope(cls, scope: dict[str, Any]) -> "Portion":
        if "place" in scope:
            return cls(place=scope["place"], row=UUID(scope["row"]))
        return cls(categories=frozenset(scope.get("categories", ())), kept=frozenset(scope.get("kept", ())))


@dataclass(kw_only=True)
class Erased:
    """`counts` are values by table, copies included; `categories` those of which something went."""

    counts: Counter[str] = field(default_factory=Counter)
    categories: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class _Cut:
    """What goes of one table."""

    holding: Holding
    fields: tuple[SealedMixin, ...]
    rows: Q

    @property
    def deletes_rows(self) -> bool:
        return any(not column.null for column in self.fields)

    def found(self, subject_id: UUID) -> Any:
        filled = Q()
        for column in self.fields:
            filled |= Q(**{f"{column.name}__isnull": False})
        return self.holding.rows_of(subject_id).filter(self.rows, filled)


def count(subject_id: UUID, portion: Portion) -> int:
    """How many values `erase` would take. Raises NotAlone."""
    return sum(
        cut.found(subject_id).filter(**{f"{column.name}__isnull": False}).count()
        for cut in _cuts(portion)
        for column in _taken(cut)
    )


@dataclass(frozen=True, kw_only=True)
class HeldValue:
    """That there is a value, and where; not what it is."""

    category: str
    place: str
    row: UUID
    label: str


def held(subject_id: UUID) -> list[HeldValue]:
    """Every sealed value of a person, in the order of the data map. Nothing is opened."""
    return list(_held(subject_id))


def _held(subject_id: UUID) -> Iterator[HeldValue]:
    for holding in destroyed_holdings():
        filled = {f"has_{column.name}": Q(**{f"{column.name}__isnull": False}) for column in holding.fields}
        if not filled:
            continue
        meta = holding.model._meta
        for row in holding.rows_of(subject_id).values("pk", **filled):
            for column in holding.fields:
                if row[f"has_{column.name}"]:
                    yield HeldValue(
                        category=column.category,
                        place=f"{meta.label}.{column.name}",
                        row=row["pk"],
                        label=f"{meta.verbose_name}: {column.verbose_name}",
                    )


def erase(subject_id: UUID, portion: Portion, at: datetime) -> Erased:
    """In the transaction that is open. Raises NotAlone, LeftBehind, IntegrityError."""
    cuts, copies = tuple(_cuts(portion)), tuple(_copies(portion))
    present = _present(subject_id, cuts)
    if not (portion.kept or present):
        return Erased()
    erased = _erase_rest(subject_id, portion.kept, at) if portion.kept else Erased()
    for cut in present:
        _carry_out(cut, subject_id, erased, at)
    copied = Erased()
    for cut in _present(subject_id, copies):
        _carry_out(cut, subject_id, copied, at)
    erased.counts += copied.counts
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    if left := sorted({cut.holding.model._meta.label for cut in _present(subject_id, cuts + copies)}):
        raise LeftBehind(", ".join(left))
    return erased


def _present(subject_id: UUID, cuts: Sequence[_Cut]) -> list[_Cut]:
    """Those of which there is something, by one statement for all."""
    asked = [
        cut.found(subject_id).order_by().annotate(cut=Value(number)).values_list("cut", flat=True)[:1]
        for number, cut in enumerate(cuts)
    ]
    return [cuts[number] for number in sorted(asked[0].union(*asked[1:], all=True))] if asked else []


#: What stays with whoever stays: the terms that run, and the orders.
_OWN: Final = frozenset({"retention.Clock", "retention.PartOrder"})


def _erase_rest(subject_id: UUID, kept: frozenset[str], at: datetime) -> Erased:
    """Every row that holds nothing of what is kept, the account and what signs in to it included."""
    stay = {holding.model._meta.label for holding in destroyed_holdings() if holding.categories & kept}
    counts = erase_but(subject_id, stay | _OWN)
    ((categories, _people),) = batch.had([subject_id]).items()
    batch.owe_files(at)
    return Erased(counts=counts, categories=set(categories))


def category_of(place: str) -> str:
    """Raises NotAlone."""
    return _at(place)[1].category


def _carry_out(cut: _Cut, subject_id: UUID, erased: Erased, at: datetime) -> None:
    model: Any = cut.holding.model
    rows = list(cut.found(subject_id).select_for_update().values_list("pk", flat=True))
    if not rows:
        return
    taken = _taken(cut)
    some = model._base_manager.filter(pk__in=rows)
    numbers = some.aggregate(**{f"of_{column.name}": Count(column.name) for column in taken})
    for column in taken:
        if number := numbers[f"of_{column.name}"]:
            erased.counts[model._meta.label] += number
            erased.categories.add(column.category)
    if any(isinstance(column, SealedFileField) for column in taken):
        label = model._meta.label
        FileDebt.objects.bulk_create(FileDebt(model=label, row=row, created_at=at) for row in rows)
    if cut.deletes_rows:
        some.delete()
    else:
        emptied = {column.name for column in cut.fields} | {i.name for c in cut.fields for i in c.blind_indexes}
        some.update(**dict.fromkeys(emptied))


def _taken(cut: _Cut) -> tuple[SealedMixin, ...]:
    """A row that goes takes all its values along."""
    return cut.holding.fields if cut.deletes_rows else cut.fields


def _cuts(portion: Portion) -> Iterator[_Cut]:
    if portion.place:
        holding, column = _at(portion.place)
        yield _cut(holding, (column,), Q(pk=portion.row))
        return
    for holding in destroyed_holdings():
        if portion.kept:
            columns = _beside_what_is_kept(holding, portion.kept)
        else:
            columns = tuple(column for column in holding.fields if column.category in portion.categories)
        if columns:
            yield _cut(holding, columns, Q())


def _beside_what_is_kept(holding: Holding, kept: frozenset[str]) -> tuple[SealedMixin, ...]:
    """In rows that stay: what they can be without."""
    if not holding.categories & kept:
        return ()
    return tuple(column for column in holding.fields if column.category not in kept and column.null)


def _copies(portion: Portion) -> Iterator[_Cut]:
    codes = _fields_of(portion)
    for holding in destroyed_holdings():
        archives = [name for name, why in getattr(holding.model, "WITHHELD", {}).items() if why == ANSWER]
        if columns := tuple(column for column in holding.fields if column.name in archives):
            yield _cut(holding, columns, Q())
        if named_by := getattr(holding.model, "COPY_OF", ""):
            yield _cut(holding, holding.fields, Q(**{f"{named_by}__in": codes}))


def _fields_of(portion: Portion) -> list[str]:
    """The codes of the profile's fields that are of this portion."""
    fields = profiles.current().fields
    if portion.place:
        name = portion.place.rpartition(".")[2]
        return [field.code for field in fields if field.code == name]
    gone = portion.categories or frozenset(profiles.current().categories) - portion.kept
    return [field.code for field in fields if field.category in gone]


def _cut(holding: Holding, columns: tuple[SealedMixin, ...], rows: Q) -> _Cut:
    """The files of a row lie together: they go together."""
    if any(isinstance(column, SealedFileField) for column in columns):
        others = tuple(c for c in holding.fields if isinstance(c, SealedFileField) and c not in columns)
        columns = (*columns, *others)
    return _Cut(holding=holding, fields=columns, rows=rows)


def _at(place: str) -> tuple[Holding, SealedMixin]:
    label, _dot, name = place.rpartition(".")
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        raise NotAlone(place) from None
    for holding in destroyed_holdings():
        for column in holding.fields:
            if holding.model is model and column.name == name:
                return holding, column
    raise NotAlone(place)
