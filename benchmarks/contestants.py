"""Who competes: a table of people, the way an act is done on it, and how its rows come into being."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.db import models, transaction

from benchmarks import people


class Contestant:
    """Plain Django; others differ in what they override."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    @property
    def rows(self) -> "models.QuerySet[Any]":
        return self.model._default_manager.all()

    def page(self, first: int, count: int, names: Sequence[str]) -> Iterable[Any]:
        """So many people from this number on, of whom these values will be read. Lazy."""
        return self.span(first, count).order_by("number")

    def act(self) -> AbstractContextManager[Any]:
        """One act: a transaction, and whatever the contestant does around it."""
        return transaction.atomic()

    def reading(self) -> AbstractContextManager[Any]:
        """Around reading alone. Plain Django needs nothing."""
        return transaction.atomic()

    def build(self, numbers: Iterable[int]) -> list[Any]:
        """New people, not saved yet."""
        return [self.model(number=number, **people.values(number)) for number in numbers]

    def next_number(self) -> int:
        """The first number that nobody has."""
        highest: int = self.rows.aggregate(highest=models.Max("number"))["highest"]
        return highest + 1

    def load(self, count: int) -> None:
        """The people who are there before anything is measured."""
        for numbers in people.batches(0, count):
            with self.act():
                self.rows.bulk_create(self.build(numbers))

    def span(self, first: int, count: int) -> "models.QuerySet[Any]":
        return self.rows.filter(number__gte=first, number__lt=first + count)

    def keep_values(self, first: int, count: int) -> Any:
        """What `bring_back` needs after QuerySet.update() has removed a value of many rows."""
        return first, count

    def bring_back(self, kept: Any) -> None:
        self.span(*kept).update(patronymic="Ивановна")

    def change(self, person: Any, value: str) -> None:
        """One change, as code would make it."""
        person.first_name = value
        person.save(update_fields=["first_name"])


class HandWrittenLog(Contestant):
    """Plain Django, and a row in a plain log table for each change."""

    def change(self, person: Any, value: str) -> None:
        from benchmarks.plain.models import ChangeNote

        super().change(person, value)
        ChangeNote._default_manager.create(actor="staff 1", operation="update", person=person.pk, fields="first_name")
