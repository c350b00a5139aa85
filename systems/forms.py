"""A new key."""

from datetime import datetime, timedelta
from typing import Final

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

import profiles
from law import clock

NAME: Final = r"^[a-z][a-z0-9-]*$"
TERMS: Final = (
    (30, pgettext_lazy("key", "30 days")),
    (90, pgettext_lazy("key", "90 days")),
    (365, pgettext_lazy("key", "a year")),
)
MOST_A_MINUTE: Final = 1_000_000


def purposes() -> list[tuple[str, str]]:
    language = get_language() or "ru"
    return [(code, purpose.title.in_language(language)) for code, purpose in profiles.current().purposes.items()]


class NewKeyForm(forms.Form):
    name = forms.RegexField(
        label=_("System"),
        regex=NAME,
        max_length=40,
        help_text=_(
            "A code for the system that will ask: small Latin letters, digits and hyphens, such as crm-mailings."
        ),
        error_messages={"invalid": _("Small Latin letters, digits and hyphens, the first one a letter.")},
    )
    purposes = forms.MultipleChoiceField(
        label=_("Purposes it may ask about"), widget=forms.CheckboxSelectMultiple, choices=purposes
    )
    per_minute = forms.IntegerField(
        label=_("Questions a minute"),
        min_value=1,
        max_value=MOST_A_MINUTE,
        initial=6_000,
        help_text=_("Each person asked about counts. Whatever goes beyond is refused until the next minute."),
    )
    term = forms.TypedChoiceField(label=_("Valid for"), coerce=int, choices=TERMS, initial=90)

    def expires_at(self) -> datetime:
        return clock.now() + timedelta(days=self.cleaned_data["term"])
