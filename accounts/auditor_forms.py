"""Whom to let audit, what of, and how long."""

from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.border import is_token
from law import clock
from processing_log import words
from processing_log.filters import FIRST_DAY, beginning_of, end_of
from processing_log.forms import DayField
from processing_log.mandates import LONGEST
from processing_log.models import Mandate
from processing_log.operations import Operation

USUAL: Final = timedelta(days=30)


class InviteForm(forms.Form):
    address = forms.EmailField(
        label=_("E-mail address of the auditor"), widget=forms.EmailInput(attrs={"autocomplete": "off", "size": 40})
    )
    language = forms.ChoiceField(label=_("Language of the mails"), choices=settings.LANGUAGES)
    begins_on = DayField(label=_("Audits from this day"))
    ends_on = DayField(label=_("to this day, included"))
    events_since = DayField(label=_("Sees events from this day"))
    events_until = DayField(
        label=_("to this day, included; empty: to the present"),
    )
    operations = forms.MultipleChoiceField(
        label=_("Operations; none marked: all"),
        choices=Operation.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    purposes = forms.MultipleChoiceField(
        label=_("Purposes; none marked: all"), required=False, widget=forms.CheckboxSelectMultiple
    )
    categories = forms.MultipleChoiceField(
        label=_("Categories; none marked: all"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, categories: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("begins_on", "ends_on", "events_since"):
            self.fields[name].required = True
        today = _today()
        self.initial = {
            "begins_on": today,
            "ends_on": today + USUAL,
            "events_since": today - timedelta(days=365),
            **self.initial,
        }
        self.fields["purposes"].choices = words.known_purposes()  # type: ignore[attr-defined]
        self.fields["categories"].choices = categories  # type: ignore[attr-defined]

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if is_token(address):
            raise forms.ValidationError(gettext("Nobody can get mail at this address."))
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        begins, ends = cleaned.get("begins_on"), cleaned.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", gettext("The last day is before the first."))
        elif begins and ends and end_of(ends) - beginning_of(begins) > LONGEST:
            self.add_error("ends_on", gettext("An invitation lasts a year at most."))
        elif ends and ends < _today():
            self.add_error("ends_on", gettext("The day is over already."))
        since, until = cleaned.get("events_since"), cleaned.get("events_until")
        if since and until and until < since:
            self.add_error("events_until", gettext("The last day is before the first."))
        return cleaned

    @property
    def mandate(self) -> Mandate:
        """As it is asked for; who and when is not in it yet."""
        asked = self.cleaned_data
        until: date | None = asked["events_until"]
        return Mandate(
            begins_at=beginning_of(asked["begins_on"]),
            ends_at=end_of(asked["ends_on"]),
            events_since=beginning_of(asked["events_since"] or FIRST_DAY),
            events_until=end_of(until) if until else None,
            operations=asked["operations"],
            purposes=asked["purposes"],
            categories=asked["categories"],
        )


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(settings.OPERATOR_TIME_ZONE)).date()
