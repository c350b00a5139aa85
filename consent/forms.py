from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LONGEST_TEXT: Final = 200_000


class ShownForm(forms.Form):
    """The button under a text. Carries the hash of that very text back."""

    shown = forms.CharField(max_length=64, min_length=64, widget=forms.HiddenInput)


class CompareForm(forms.Form):
    """Two versions to be laid side by side. `from` is no name for a Python attribute."""

    def __init__(self, *args: Any, numbers: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(number, pgettext_lazy("version", "version %(number)s") % {"number": number}) for number in numbers]
        for name, label in (("from", _("Older version")), ("to", _("Newer version"))):
            self.fields[name] = forms.TypedChoiceField(label=label, choices=choices, coerce=int)


class BeginDraftForm(forms.Form):
    document = forms.ChoiceField(label=_("Which text?"))
    effective_on = forms.DateField(
        label=_("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, documents: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["document"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = documents


class DraftForm(forms.Form):
    """Both texts in the portal's Markdown (docs/profiles.md)."""

    effective_on = forms.DateField(
        label=_("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text_ru = forms.CharField(
        label=_("Russian text, the master"),
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "lang": "ru", "spellcheck": "true", "class": "draft-text"}),
    )
    text_en = forms.CharField(
        label=_("English translation"),
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
