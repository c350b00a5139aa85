"""What a privacy officer fills in to destroy a part, or to report that something has ended."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

import profiles
from law import clock
from law.deadlines import operator_zone
from retention import grounds, rules
from retention.ending import Found
from retention.models import Norm
from retention.person import Person
from retention.services import WHOLE_PERSON
from retention.values import HeldValue, Portion

#: A list that somebody can read; beyond it whole categories are the way.
SHOWN: Final = 100


def categories_of(person: Person) -> list[tuple[str, str]]:
    """What may go of this person as a whole category, to choose from."""
    alone = grounds.indispensable(profiles.current(), person.subject.kind)
    return [
        (
            f"category {held.code}",
            gettext("All of: %(what)s (%(number)s)") % {"what": held.title, "number": held.number},
        )
        for held in person.held
        if held.code not in alone
    ]


def values_of(person: Person) -> list[tuple[str, str]]:
    alone = grounds.indispensable(profiles.current(), person.subject.kind)
    return [_choice(value) for value in person.values if value.category not in alone][:SHOWN]


def portion_of(choice: str) -> Portion:
    kind, _space, rest = choice.partition(" ")
    if kind == "category":
        return Portion(categories=frozenset({rest}))
    return Portion(place=kind, row=UUID(rest))


class PartForm(forms.Form):
    """What, and by which norm. The choices are what is held of this person."""

    what = forms.ChoiceField(label=_("What is destroyed"))
    norm = forms.ChoiceField(
        label=_("By which norm"),
        choices=[choice for choice in Norm.choices if choice[0] not in (Norm.OWN_WISH, Norm.SHOWN)],
    )

    prefix = "part"

    def __init__(self, data: Any = None, *, person: Person) -> None:
        super().__init__(data)
        field = self.fields["what"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (gettext("A category"), categories_of(person)),
            (gettext("A single value"), values_of(person)),
        ]

    @property
    def portion(self) -> Portion:
        return portion_of(str(self.cleaned_data["what"]))


def _choice(value: HeldValue) -> tuple[str, str]:
    return f"{value.place} {value.row}", f"{value.label[:1].upper()}{value.label[1:]} · {str(value.row)[:8]}"


class EndForm(forms.Form):
    found = forms.ChoiceField(label=_("What has happened"), choices=Found.choices)
    purpose = forms.ChoiceField(label=_("What has ended"), required=False)
    on = forms.DateField(
        label=_("On which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The term runs from the next day."),
    )  # fmt: skip

    prefix = "end"

    def __init__(self, data: Any = None, *, kind: str) -> None:
        super().__init__(data)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(WHOLE_PERSON, gettext("everything that is held about the person")), *_purposes(kind)]

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > timezone.localtime(clock.now(), operator_zone()).date():
            raise forms.ValidationError(gettext("This day is still to come."))
        return on

    @property
    def at(self) -> datetime:
        """The moment it counts from: the day is what matters."""
        return min(clock.now(), datetime.combine(self.cleaned_data["on"], time(12), tzinfo=operator_zone()))


def _purposes(kind: str) -> Sequence[tuple[str, str]]:
    """Those that staff can end: a consent is withdrawn by its owner."""
    own = grounds.own_purposes(profiles.current())
    ending = [purpose for purpose in own if kind in purpose.subject_kinds and not purpose.needs_consent]
    return [(purpose.code, rules.words(purpose.title.model_dump())) for purpose in ending]
