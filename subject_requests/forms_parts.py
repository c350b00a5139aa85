"""What staff choose when a request shows that data is unlawful or not needed: parts of it, or everything."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from retention import forms_parts
from retention.person import Person
from subject_requests.contested import Chosen
from subject_requests.forms import UnlawfulForm


class PartsForm(forms.Form):
    """The choices are what is held of this person; what no account can be without goes with everything only."""

    categories = forms.MultipleChoiceField(
        label=_("Whole categories"), widget=forms.CheckboxSelectMultiple, required=False
    )
    values = forms.MultipleChoiceField(label=_("Single values"), widget=forms.CheckboxSelectMultiple, required=False)
    everything = forms.BooleanField(
        label=_("Everything that is held about the person, the account included"), required=False
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("categories", forms_parts.categories_of(person))
        self._offer("values", forms_parts.values_of(person))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        parts = cleaned.get("categories") or cleaned.get("values")
        if cleaned.get("everything") and parts:
            self.add_error("everything", _("Everything, or parts: choose one of the two."))
        elif not (cleaned.get("everything") or parts or self.errors):
            self.add_error("categories", _("Choose what is unlawful or not needed, or say that it is everything."))
        return cleaned


class UnlawfulPartsForm(UnlawfulForm, PartsForm):
    field_order = ("found_on", "text", "categories", "values", "everything")


def chosen_parts_of(cleaned: dict[str, Any]) -> Chosen:
    portions = [forms_parts.portion_of(choice) for name in ("categories", "values") for choice in cleaned[name]]
    return Chosen(
        everything=cleaned["everything"],
        categories=frozenset(code for portion in portions for code in portion.categories),
        values=frozenset((portion.place, portion.row) for portion in portions if portion.place and portion.row),
    )


def as_choices(chosen: Chosen | None) -> dict[str, Any]:
    """The form's initial values."""
    if chosen is None:
        return {}
    return {
        "everything": chosen.everything,
        "categories": [f"category {code}" for code in chosen.categories],
        "values": [f"{place} {row}" for place, row in chosen.values],
    }
