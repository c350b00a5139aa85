"""What staff type about a consent that came on paper or by telephone."""

from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consent.paper_services import Entering
from consent.papers import Authority, GivenBy, PaperRefusal, Way
from law import clock
from law.deadlines import operator_zone

MOST_BYTES: Final = 10 * 1024 * 1024
#: How such files begin; what a browser calls them is not asked.
BEGINNINGS: Final = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class WhyOpen(TextChoices):
    """Codes that the person's own log page has words for."""

    CONSENT = "consent", _("to check a consent")
    ANSWER = "answer", _("to answer a request")
    AUTHORITY = "authority", _("asked by a court or an authority")


class ScanField(forms.FileField):
    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile):
            begins = file.read(8)
            file.seek(0)
            if not begins.startswith(BEGINNINGS):
                raise forms.ValidationError(_("A scan is a PDF, a PNG or a JPEG."))
        return file


class EnterForm(forms.Form):
    way = forms.ChoiceField(label=_("How it came"), choices=Way.choices, widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Language of the text that was signed or read out"),
        choices=[("ru", _("Russian")), ("en", _("the translation into English"))],
    )
    received_on = forms.DateField(label=_("Day on which it was received"), widget=forms.DateInput({"type": "date"}))
    document = ScanField(
        label=_("Scan of the signed consent"), required=False, help_text=_("PDF, PNG or JPEG, up to 10 MB. For paper.")
    )
    caller = forms.CharField(
        label=_("Who called"),
        required=False,
        max_length=200,
        help_text=_("Last name and first name. For the telephone: you have read the text out, and they agreed to it."),
    )
    given_by = forms.ChoiceField(label=_("Who gives the consent"), choices=GivenBy.choices, widget=forms.RadioSelect)
    representative = forms.CharField(
        label=_("Name of the parent, guardian or representative"), required=False, max_length=200
    )
    authority = forms.ChoiceField(
        label=_("Document of authority"), required=False, choices=[("", "—"), *Authority.choices]
    )
    authority_until = forms.DateField(
        label=_("It is valid until"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=_("For a child: the day of coming of age."),
    )
    authority_document = ScanField(label=_("Scan of the document of authority"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("given_by", GivenBy.SUBJECT)

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localtime(clock.now(), operator_zone()).date():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def entering(self, *, subject_id: Any, text_id: int, choices: dict[str, list[str]]) -> Entering:
        said = self.cleaned_data
        start_of_day = datetime.combine(said["received_on"], time.min, tzinfo=operator_zone())
        return Entering(
            subject_id=subject_id,
            text_id=text_id,
            language=said["language"],
            way=Way(said["way"]),
            received_at=start_of_day,
            document=said["document"],
            caller=said["caller"].strip(),
            given_by=GivenBy(said["given_by"]),
            representative=said["representative"].strip(),
            authority=Authority(said["authority"]) if said["authority"] else None,
            authority_until=said["authority_until"],
            authority_document=said["authority_document"],
            choices=choices,
        )


class PaperRefusalForm(forms.Form):
    why = forms.ChoiceField(
        label=_("Why it is refused"), choices=[("", pgettext_lazy("paper consent", "choose")), *PaperRefusal.choices]
    )


class OpenForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why do you open it?"), choices=[("", _("choose the reason")), *WhyOpen.choices])
