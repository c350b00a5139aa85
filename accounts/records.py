"""What lies in the tables about one person, told row by row: sealed values by their labels, and what else a row says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from accounts.selectors import label
from personal_data.fields import SealedMixin
from personal_data.gathering import Gathered, facts_of
from processing_log import words


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A sealed value, open: text, date, JSON or SealedFile. `withheld` is the code of why it is not for the person, if
    it is not; then nothing was opened."""

    field: SealedMixin
    label: str
    category: str
    value: Any
    withheld: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One row. `facts` are names and values of its plain columns, codes in words."""

    row_id: UUID | int
    what: str
    model: str
    values: Sequence[Value]
    facts: Sequence[tuple[str, Any]]


def records(gathered: Gathered, *, with_withheld: bool = True) -> Iterator[Record]:
    """Without what is withheld, a model's WITHHELD stays closed."""
    for holding, rows in gathered.rows:
        model = holding.model
        meta, withheld = model._meta, {} if with_withheld else getattr(model, "WITHHELD", {})
        sealed = [
            (field, label(field), field.category, withheld.get(field.name, ""))
            for field in holding.fields
        ]  # fmt: skip
        facts = [(field, str(field.verbose_name), _words_of(field)) for field in facts_of(model)]
        what = str(meta.verbose_name)
        for row in rows:
            values = [
                Value(
                    field=field,
                    label=name,
                    category=category,
                    value=None if why else getattr(row, field.attname),
                    withheld=why,
                )
                for field, name, category, why in sealed
                if field.is_held(row)
            ]
            told = [
                (name, in_words.get(value, value) if in_words else value)
                for field, name, in_words in facts
                if (value := row.__dict__[field.attname]) not in (None, "")
            ]
            if values or told:
                yield Record(row_id=row.pk, what=what, model=meta.label, values=values, facts=told)


def _words_of(field: "models.Field[Any, Any]") -> dict[Any, str]:
    """The words of the codes that a column may hold."""
    if field.choices:
        return {code: str(said) for code, said in field.flatchoices}
    return dict(words.known_purposes()) if field.name == "purpose" else {}
