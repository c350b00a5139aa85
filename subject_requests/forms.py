"""What people and staff type, as values of the domain."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.reasons import RevealReason
from subject_requests.kinds import RequestKind, in_order
from subject_requests.norms import norms_for

LONGEST_TEXT: Final = 10_000
PURPOSE: Final = "rights"


class FileForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("What do you ask for?"),
        choices=RequestKind.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    text = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "Not needed for us to start. Please write nothing here about other people, and no passport or card numbers."
        ),
    )

    def clean_kinds(self) -> list[RequestKind]:
        return in_order(self.cleaned_data["kinds"])


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=pgettext_lazy("request", "Answer"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField"}),
    )


class RefusalForm(forms.Form):
    norm = forms.ChoiceField(label=_("By which norm"))
    text = forms.CharField(
        label=_("Reasons, in words for the person"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"}),
    )

    def __init__(self, *args: Any, kinds: Sequence[RequestKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        norm = self.fields["norm"]
        assert isinstance(norm, forms.ChoiceField)
        norm.choices = [("", _("choose the norm")), *((allowed.code, str(allowed)) for allowed in norms_for(kinds))]


class RevealForm(forms.Form):
    """Of the reasons that staff may have, those for which a request is read."""

    reason = forms.ChoiceField(
        label=_("Why do you open it?"),
        choices=[
            ("", _("choose the reason")),
            *((reason.value, reason.label) for reason in RevealReason if reason.purpose == PURPOSE),
        ],
    )


class FindForm(forms.Form):
    needle = forms.CharField(
        label=_("Number, reference or exact e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
