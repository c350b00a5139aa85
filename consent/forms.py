"""What comes back from the pages of policy and consents, and from the desk of drafts."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from consent.dissemination import Condition, Decision
from consent.publication import NothingChosen, WrongChoice, check_choices
from consent.selectors import language_of
from profiles import current
from profiles.schema import Purpose

LONGEST_TEXT: Final = 200_000


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


class CompareForm(forms.Form):
    """Two versions to be laid side by side. `from` is no name for a Python attribute."""

    def __init__(self, *args: Any, numbers: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(number, pgettext_lazy("version", "version %(number)s") % {"number": number}) for number in numbers]
        for name, label in (("from", gettext_lazy("Older version")), ("to", gettext_lazy("Newer version"))):
            self.fields[name] = forms.TypedChoiceField(label=label, choices=choices, coerce=int)


class BeginDraftForm(forms.Form):
    document = forms.ChoiceField(label=gettext_lazy("Which text?"))
    effective_on = forms.DateField(
        label=gettext_lazy("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, documents: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["document"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = documents


class DraftForm(forms.Form):
    """Both texts in the portal's Markdown (docs/profiles.md)."""

    effective_on = forms.DateField(
        label=gettext_lazy("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text_ru = forms.CharField(
        label=gettext_lazy("Russian text, the master"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "lang": "ru", "spellcheck": "true", "class": "draft-text"}),
    )
    text_en = forms.CharField(
        label=gettext_lazy("English translation"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "lang": "en", "spellcheck": "true", "class": "draft-text"}),
    )

    def texts(self) -> dict[str, str | date]:
        """With line feeds as everywhere else; a browser sends two characters."""
        data = self.cleaned_data
        return {
            "effective_on": data["effective_on"],
            **{name: data[name].replace("\r\n", "\n") for name in ("text_ru", "text_en")},
        }
