"""What lies in the tables about one person, told row by row: sealed values by their labels, and what else rows say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

from accounts import names
from accounts.selectors import label
from personal_data.data_map import Holding
from personal_data.fields import SealedMixin
from personal_data.gathering import Gathered, facts_of
from processing_log import words


class Value(NamedTuple):
    """A sealed value, open: text, date, JSON or SealedFile. `withheld` is the code of why it is not for the person, if
    it is not; then nothing was opened."""

    field: SealedMixin
    label: str
    value: Any
    withheld: str = ""

    @property
    def category(self) -> str:
        return self.field.category


class Record(NamedTuple):
    """One row. `facts` are names and values of its plain columns, codes in words. `is_own`: the person wrote it."""

    row_id: UUID | int
    what: str
    values: Sequence[Value]
    facts: Sequence[tuple[str, Any]]
    is_own: bool


def records(gathered: Gathered, *, with_withheld: bool = True) -> Iterator[Record]:
    """Words that a row holds back (a note between colleagues, a draft) are not the person's yet. Without what is
    withheld, these and a model's WITHHELD are mentioned and stay closed."""
    language, profile = get_language() or "", str(settings.OPERATOR_PROFILE)
    for holding, rows in gathered.rows:
        columns = _columns(holding, language, profile)
        withheld = {} if with_withheld else getattr(holding.model, "WITHHELD", {})
        for row in rows:
            is_held_back = getattr(row, "is_held_back", False)
            if is_held_back and with_withheld:
                continue
            held = row.__dict__
            values = [
                _value(row, field, name, "internal" if is_held_back else withheld.get(field.name, ""))
                for field, name in columns.sealed
                if field.is_held(row)
            ]
            facts = [
                (name, in_words.get(value, value) if in_words else value)
                for attribute, name, in_words in columns.facts
                if (value := held[attribute]) is not None and value != ""
            ]
            if values or facts:
                yield Record(held[columns.key], columns.what, values, facts, held.get("author") == "person")


def _value(row: Any, field: SealedMixin, name: str, withheld: str) -> Value:
    value = None if withheld else getattr(row, field.attname)
    return Value(field, name, value, withheld)


@dataclass(frozen=True, kw_only=True)
class _Columns:
    what: str
    key: str
    sealed: Sequence[tuple[SealedMixin, str]]
    facts: Sequence[tuple[str, str, Mapping[Any, str]]]


@lru_cache(maxsize=1024)
def _columns(holding: Holding, language: str, profile: str) -> _Columns:
    """In the language that is active, which the arguments only name."""
    return _Columns(
        what=names.of_model(holding.model),
        key=holding.model._meta.pk.attname,
        sealed=[(field, label(field)) for field in holding.fields],
        facts=[(field.attname, names.of_fact(field), _words_of(field)) for field in facts_of(holding.model)],
    )


def _words_of(field: "models.Field[Any, Any]") -> dict[Any, str]:
    """The words of the codes that a column may hold."""
    if field.choices:
        return {code: str(said) for code, said in field.flatchoices}
    return dict(words.known_purposes()) if field.name == "purpose" else {}
