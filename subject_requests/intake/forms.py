"""What somebody without an account types, and what staff enter for those who wrote on paper or called."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import border
from consent.papers import Authority
from law import clock
from law.deadlines import operator_zone
from profiles import current
from subject_requests.forms import LONGEST_TEXT, EnterForm, chosen_of
from subject_requests.intake.fields import AddressField, FilesField
from subject_requests.intake.guests import Asking, Authorised
from subject_requests.intake.papers import Entering
from subject_requests.kinds import Channel, RequestKind, in_order
from subject_requests.services import Paper

_BEFORE_THAT: Final = timedelta(days=366)
#: A block can be lifted by whoever has an account; a stranger has none.
_DOCUMENTS: Final = [("", gettext_lazy("choose the document")), *Authority.choices]
KINDS: Final = [(kind.value, kind.label) for kind in RequestKind if kind != RequestKind.UNBLOCKING]


def _until() -> forms.DateField:
    return forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class _RepresentativeForm(forms.Form):
    """The part about somebody who asks for another person. Switched on by a tick; no script is needed."""

    is_representative = forms.BooleanField(label=gettext_lazy("I ask for another person"), required=False)
    represented = forms.CharField(label=gettext_lazy("That person’s full name"), max_length=200, required=False)
    represented_address = AddressField(
        label=gettext_lazy("That person’s e-mail address, if you know it"), required=False
    )
    authority = forms.ChoiceField(label=gettext_lazy("By which document"), choices=_DOCUMENTS, required=False)
    valid_until = _until()
    authority_document = FilesField(
        label=gettext_lazy("The document, as PDF or picture"),
        help_text=gettext_lazy("Staff look at it before anything is told or done for that person."),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("is_representative"):
            for name in ("represented", "authority", "authority_document"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, _("Needed when you ask for another person."))
        return values

    def authorised(self) -> Authorised | None:
        values = self.cleaned_data
        if not values["is_representative"]:
            return None
        return Authorised(
            authority=Authority(values["authority"]),
            represented=values["represented"],
            address=values["represented_address"],
            valid_until=values["valid_until"],
            documents=values["authority_document"],
        )


class GuestForm(_RepresentativeForm):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What do you ask for?"),
        choices=KINDS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one; the words below may say the rest.")},
    )
    text = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Please write no passport or card numbers here, and nothing about other people."),
    )
    files = FilesField()  # type: ignore[assignment]  # Django takes fields out of the class
    address = AddressField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy(
            "The one we may know you by. We send a link and a code to it: so we see that it is yours. The answer comes "
            "there too."
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("How may we address you"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    relation = forms.ChoiceField(
        label=gettext_lazy("Where do we know each other from?"),
        choices=[
            ("own", gettext_lazy("I use the service myself, or have written to you")),
            ("client", gettext_lazy("I am a client of a company that uses your service")),
        ],
        widget=forms.RadioSelect,
        initial="own",
    )
    company = forms.CharField(label=gettext_lazy("Which company is it?"), max_length=200, required=False)
    once = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["once"].initial = uuid4().hex
        if not current().acts_for_customers:
            del self.fields["relation"], self.fields["company"]

    def clean_kinds(self) -> list[RequestKind]:
        return in_order(self.cleaned_data["kinds"])

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("relation") == "client" and not values.get("company"):
            self.add_error("company", _("Name the company, so that your request reaches it."))
        return values

    def asking(self, language: str) -> Asking:
        values = self.cleaned_data
        return Asking(
            kinds=values["kinds"],
            text=values["text"],
            address=values["address"],
            language=language,
            name=values["name"],
            company=values.get("company", "") if values.get("relation") == "client" else "",
            files=values["files"],
            representing=self.authorised(),
        )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code from the mail"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        help_text=gettext_lazy("Eight digits. It works for 15 minutes; the link in the same mail for a day."),
    )


class SendAgainForm(forms.Form):
    address = AddressField(label=gettext_lazy("The e-mail address you gave in the request"))


class RecogniseForm(forms.Form):
    address = AddressField(
        label=gettext_lazy("Exact e-mail address under which the person is held"),
        required=False,
        help_text=gettext_lazy("The request is joined to that person. Empty: who it is is known, and nobody is held."),
    )


class KindsForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What is asked for"), choices=RequestKind.choices, widget=forms.CheckboxSelectMultiple
    )

    def clean_kinds(self) -> list[RequestKind]:
        return in_order(self.cleaned_data["kinds"])


class PaperForm(EnterForm):
    """What staff have in hand: a letter, or a call that they have just ended; with its scan, and who wrote it."""

    scan = FilesField(label=gettext_lazy("Scan"))
    name = forms.CharField(label=gettext_lazy("Name of the writer"), max_length=200, required=False)
    postal_address = forms.CharField(
        label=gettext_lazy("Postal address for the answer"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    represented = forms.CharField(label=gettext_lazy("For whom"), max_length=200, required=False)
    represented_address = AddressField(
        label=gettext_lazy("That person’s e-mail address, if you know it"), required=False
    )
    authority = forms.ChoiceField(label=gettext_lazy("By which document"), choices=_DOCUMENTS, required=False)
    valid_until = _until()
    authority_document = FilesField(label=gettext_lazy("Copy of the document"))

    field_order = (
        *(
            "channel",
            "received_on",
            "kinds",
            "consents",
            "withdraws_all",
            "text",
            "scan",
            "paper_place",
            "paper_sheets",
            "name",
            "person",
            "address",
        ),
        *("postal_address", "document_seen", "language", "by_representative", "represented", "represented_address"),
        *("authority", "valid_until", "authority_document"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].help_text = _(
            "A person with exactly this address is found and the request joined to them, if a document was shown."
        )

    def clean_received_on(self) -> date:
        day = super().clean_received_on()
        if day < clock.now().astimezone(operator_zone()).date() - _BEFORE_THAT:
            raise ValidationError(_("This is more than a year ago. Please look at the year."))
        return day

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        if address and border.is_token(address):
            raise ValidationError(_("This address cannot receive mail."))
        return address

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("channel") == Channel.TELEPHONE and not values.get("text") and "text" not in self.errors:
            self.add_error("text", _("Note down what was said: there is nothing else to show for the call."))
        if values.get("by_representative"):
            for name in ("represented", "authority"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, _("Needed when somebody asks for another person."))
        return values

    def entering(self, *, now: datetime) -> Entering:
        values = self.cleaned_data
        noon = datetime.combine(values["received_on"], time(12), tzinfo=operator_zone())
        paper = Paper(place=values["paper_place"], sheets=values["paper_sheets"]) if values["paper_sheets"] else None
        return Entering(
            channel=Channel(values["channel"]),
            received_at=min(noon, now),
            kinds=values["kinds"],
            consents=chosen_of(values),
            text=values["text"],
            language=values["language"],
            person=values["person"],
            name=values["name"],
            address=values["address"],
            postal_address=values["postal_address"],
            is_identified=values["document_seen"],
            paper=paper,
            scans=values["scan"],
            representing=self._authorised(),
        )

    def _authorised(self) -> Authorised | None:
        values = self.cleaned_data
        if not values["by_representative"]:
            return None
        return Authorised(
            authority=Authority(values["authority"]),
            represented=values["represented"],
            address=values["represented_address"],
            valid_until=values["valid_until"],
            documents=values["authority_document"],
        )
