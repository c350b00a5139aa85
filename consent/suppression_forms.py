from typing import Any, Final

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from consent.selectors import language_of
from consent.suppressed import ALL_ADVERTISING
from consent.suppression import advertising_purposes

WHOLE: Final = pgettext_lazy("suppression", "all advertising")


def scopes() -> list[tuple[str, Any]]:
    """What staff may put an address on the list for, and what rows of today speak of."""
    language = language_of(get_language())
    purposes = [(purpose.code, purpose.title.in_language(language)) for purpose in advertising_purposes()]
    return [(ALL_ADVERTISING, WHOLE), *purposes]


class AddressForm(forms.Form):
    """An address out of a letter. It is turned into its digest at once and kept nowhere."""

    address = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Exactly as in the letter."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "vTextField"}),
    )
    scope = forms.ChoiceField(label=_("Which advertising"), choices=scopes)
