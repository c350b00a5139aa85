"""What staff type about made answers."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from subject_requests.forms import RevealForm

MOST_LINES: Final = 6
LONGEST_LINE: Final = 60


class OpenForm(RevealForm):
    """The same reasons for which a request is read."""


class GapForm(forms.Form):
    rows = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.fields["rows"]
        assert isinstance(rows, forms.MultipleChoiceField)
        rows.choices = [(row, row) for row in self.data.getlist("rows")] if hasattr(self.data, "getlist") else []

    def clean_rows(self) -> list[UUID]:
        try:
            return [UUID(row) for row in self.cleaned_data["rows"]]
        except ValueError:
            raise forms.ValidationError(_("That is no text of this answer.")) from None


class LetterForm(forms.Form):
    """What stands in the window of the envelope."""

    addressee = forms.CharField(
        label=_("Name and postal address, line by line"),
        max_length=(LONGEST_LINE + 2) * MOST_LINES,
        widget=forms.Textarea(attrs={"rows": MOST_LINES, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("As it has to stand in the window of the envelope. It is printed and not kept."),
    )

    def clean_addressee(self) -> str:
        typed: str = self.cleaned_data["addressee"].strip()
        lines = typed.splitlines()
        if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
            raise forms.ValidationError(
                _("At most %(lines)s lines of %(letters)s letters fit into the window."),
                params={"lines": MOST_LINES, "letters": LONGEST_LINE},
            )
        return typed

    def lines(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["addressee"].splitlines() if line.strip()]
