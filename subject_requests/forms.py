"""What people and staff type, as values of the domain."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from accounts.reasons import RevealReason
from law import clock
from law.deadlines import operator_zone
from subject_requests import wording
from subject_requests.corrections import correctable_fields
from subject_requests.filing import Wanted
from subject_requests.intake.fields import FilesField
from subject_requests.kinds import Channel, DropReason, RequestKind, in_order
from subject_requests.models import RequestClock
from subject_requests.narrowing import withdrawable
from subject_requests.norms import norms_for
from subject_requests.staff import Colleague
from subject_requests.thread import in_language

LONGEST_TEXT: Final = 10_000
PURPOSE: Final = "rights"
NEW_VALUE: Final = "new_"


class FileForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("What do you ask for?"),
        choices=RequestKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("As many as you like: each has its own term."),
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

    files = FilesField()  # type: ignore[assignment]  # Django takes fields out of the class

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in correctable_fields():
            self.fields[f"{NEW_VALUE}{field.code}"] = forms.CharField(
                label=_("Correct: %(field)s") % {"field": in_language(field.label)},
                required=False,
                max_length=field.max_length,
                help_text=_("We will ask for a document.") if field.verification == "document" else "",
            )

    @property
    def wanted(self) -> list[Wanted]:
        """The values that the person wants in the place of those that are held."""
        return [
            Wanted(field=field.code, value=value, needs_proof=field.verification == "document")
            for field in correctable_fields()
            if (value := self.cleaned_data.get(f"{NEW_VALUE}{field.code}", "").strip())
        ]

    def clean(self) -> dict[str, Any]:
        """Whoever writes a new value asks for a correction, ticked or not."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "kinds" in cleaned:
            wanted = [RequestKind.CLARIFICATION] if self.wanted else []
            cleaned["kinds"] = in_order([*cleaned["kinds"], *wanted])
            if not cleaned["kinds"]:
                self.add_error("kinds", self.fields["kinds"].error_messages["required"])
        return cleaned


class MoreForm(forms.Form):
    """What the person adds to an open request."""

    text = forms.CharField(label=_("Write more"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}))
    files = FilesField()  # type: ignore[assignment]  # as above


class WordsForm(forms.Form):
    """Words for colleagues: they leave nobody's hands."""

    text = forms.CharField(
        label=_("Note for colleagues"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )


class ExternalForm(forms.Form):
    """Words for the person. What looks like personal data in them is sent only when somebody says that it should."""

    text = forms.CharField(
        label=pgettext_lazy("request", "Words for the person"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"}),
    )
    checked = forms.BooleanField(
        label=_("I have looked: these data are the person’s own, send them"), required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        found = wording.findings(cleaned.get("text", ""))
        if found and not cleaned.get("checked"):
            self.fields["checked"].widget = forms.CheckboxInput()
            self.add_error("text", _told(found))
        return cleaned


def _told(found: Sequence[wording.Finding]) -> str:
    places = [_("%(what)s (line %(line)s)") % {"what": finding.shape.label, "line": finding.line} for finding in found]
    return _("Nothing is sent yet. In the text there is what looks like: %(places)s.") % {"places": ", ".join(places)}


class AnswerForm(ExternalForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = pgettext("request", "Answer")


class QuestionForm(ExternalForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = pgettext("request", "Question to the person")


class ExtensionForm(ExternalForm):
    def __init__(self, *args: Any, clocks: Sequence[RequestClock] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Notice to the person, with the reasons")
        self.fields["clock"] = forms.ChoiceField(
            label=_("Which term"), choices=[(str(clock.pk), f"{clock.rule} {clock.law.title}") for clock in clocks]
        )
        self.order_fields(["clock", "text", "checked"])


class RefusalForm(ExternalForm):
    def __init__(self, *args: Any, kinds: Sequence[RequestKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Reasons, in words for the person")
        norms = [("", _("choose the norm")), *((allowed.code, str(allowed)) for allowed in norms_for(kinds))]
        self.fields["norm"] = forms.ChoiceField(label=_("By which norm"), choices=norms)
        self.order_fields(["norm", "text", "checked"])


class WidenForm(forms.Form):
    def __init__(self, *args: Any, kinds: Sequence[RequestKind] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=_("The message also asks for"),
            choices=[(kind.value, kind.label) for kind in RequestKind if kind not in kinds],
            widget=forms.CheckboxSelectMultiple,
        )


class DropForm(forms.Form):
    def __init__(self, *args: Any, kinds: Sequence[RequestKind] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(kind.value, kind.label) for kind in kinds]
        self.fields["kind"] = forms.TypedChoiceField(label=_("Not asked for"), coerce=RequestKind, choices=named)
        self.fields["why"] = forms.TypedChoiceField(
            label=_("Why is it dropped?"),
            coerce=DropReason,
            choices=[("", _("choose the reason")), *DropReason.choices],
        )


class ConsentsField(forms.MultipleChoiceField):
    """Purposes that rest on consent: which ones a withdrawal is of."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Which consents go"), choices=withdrawable, required=False, **kwargs)


class ConsentsForm(forms.Form):
    consents = ConsentsField()
    withdraws_all = forms.BooleanField(label=_("All of them: the person says so"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("withdraws_all") and not cleaned.get("consents") and "consents" not in self.errors:
            self.add_error("consents", _("Choose the consents, or say that all of them go."))
        return cleaned

    @property
    def chosen(self) -> list[str] | None:
        return chosen_of(self.cleaned_data)


def chosen_of(cleaned: dict[str, Any]) -> list[str] | None:
    """None: all of them; none at all: nobody has said yet."""
    return None if cleaned.get("withdraws_all") else list(cleaned.get("consents") or [])


class UnlawfulForm(forms.Form):
    found_on = forms.DateField(label=_("Found on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    text = forms.CharField(
        label=_("What was found, for colleagues"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    def clean_found_on(self) -> date:
        day: date = self.cleaned_data["found_on"]
        if day > clock.now().astimezone(operator_zone()).date():
            raise forms.ValidationError(_("This day is still ahead."))
        return day


class HandOverForm(forms.Form):
    def __init__(self, *args: Any, colleagues: Sequence[Colleague] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.TypedChoiceField(
            label=_("To whom"), coerce=UUID, choices=[("", _("choose a colleague")), *_choices(colleagues)]
        )


class AbsenceForm(forms.Form):
    def __init__(self, *args: Any, colleagues: Sequence[Colleague] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = [("", _("choose a colleague")), *_choices(colleagues)]
        self.fields["absentee"] = forms.TypedChoiceField(label=_("Who is away"), coerce=UUID, choices=who)
        self.fields["deputy"] = forms.TypedChoiceField(label=_("Who stands in"), coerce=UUID, choices=who)
        for name, label in (("from_on", _("From")), ("until_on", _("Until"))):
            self.fields[name] = forms.DateField(
                label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            )


def _choices(colleagues: Sequence[Colleague]) -> list[tuple[str, str]]:
    return [
        (str(each.id), f"{each.name}, {each.role}" + (f" ({_('away')})" if each.is_away else "")) for each in colleagues
    ]


class EnterForm(forms.Form):
    """What came by post or telephone, put in by staff."""

    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[(channel.value, channel.label) for channel in (Channel.POST, Channel.TELEPHONE)],
        widget=forms.RadioSelect,
    )
    received_on = forms.DateField(
        label=_("Day of receipt"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("The clocks run from this day, whenever it is put in."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What is asked for"), choices=RequestKind.choices, widget=forms.CheckboxSelectMultiple
    )
    consents = ConsentsField(help_text=_("If a consent is withdrawn. Empty: to be chosen when the letter is read."))
    withdraws_all = forms.BooleanField(label=_("All consents go: the person says so"), required=False)
    person = forms.UUIDField(
        label=_("Reference of the person"),
        required=False,
        help_text=_("Found by address in the list of accounts. Empty for somebody who has no account."),
    )
    address = forms.EmailField(
        label=_("E-mail for the answer"), required=False, help_text=_("Only for somebody without an account.")
    )
    document_seen = forms.BooleanField(label=_("A document of identity was shown or copied"), required=False)
    by_representative = forms.BooleanField(label=_("A representative asks"), required=False)
    paper_place = forms.CharField(
        label=_("Where the paper lies"), required=False, max_length=60, help_text=_("Folder and shelf; no names.")
    )
    paper_sheets = forms.IntegerField(label=_("Sheets"), required=False, min_value=1, max_value=999)
    language = forms.ChoiceField(label=_("Language of the answer"), choices=settings.LANGUAGES)
    text = forms.CharField(
        label=_("What was said or written"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
    )

    def clean_kinds(self) -> list[RequestKind]:
        return in_order(self.cleaned_data["kinds"])

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > clock.now().astimezone(operator_zone()).date():
            raise forms.ValidationError(_("This day is still ahead."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("channel") == Channel.POST and not (cleaned.get("paper_place") and cleaned.get("paper_sheets")):
            self.add_error("paper_place", _("A letter lies somewhere and has sheets: say where and how many."))
        return cleaned


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
