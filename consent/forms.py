"""What comes back from the pages of consents."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from consent.dissemination import Condition, Decision
from consent.publication import NothingChosen, WrongChoice, check_choices
from consent.selectors import language_of
from profiles import current
from profiles.schema import Purpose


class ShownForm(forms.Form):
    """The button under a text. Carries the hash of that very text back."""

    shown = forms.CharField(max_length=64, min_length=64, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """The button of a consent. Carries the one-time number of the page back."""

    nonce = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ChoicesForm(forms.Form):
    """What may be shown to everybody, category by category. Nothing is chosen beforehand."""

    def __init__(self, *args: Any, purpose: Purpose, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purpose = purpose
        self.choices: dict[str, tuple[str, ...]] = {}
        for category in sorted(purpose.categories):
            self.fields[f"decision-{category}"] = forms.ChoiceField(
                label=current().categories[category].title.in_language(language_of(get_language())),
                choices=Decision.choices,
                widget=forms.RadioSelect,
                required=False,
            )
            self.fields[f"conditions-{category}"] = forms.MultipleChoiceField(
                label=_("On which conditions"),
                choices=Condition.choices,
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for category in sorted(self.purpose.categories):
            conditions = said.get(f"conditions-{category}") or []
            self.choices[category] = (said.get(f"decision-{category}") or "", *conditions)
        try:
            check_choices(self.purpose.code, self.choices)
        except NothingChosen:
            self.add_error(None, _("Please decide about each of the data; at least one has to be allowed."))
        except WrongChoice:
            self.add_error(None, _("Conditions belong to “may be shown, on these conditions”, and to nothing else."))
        return said
