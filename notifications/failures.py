"""Why a mail did not leave, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

FAILURES: Final[Mapping[str, str | Promise]] = {
    "": "",
    "suppressed": pgettext_lazy("mail not sent", "the address is on the list of those that get no advertising"),
    "no_consent": pgettext_lazy("mail not sent", "there is no consent to this purpose"),
    "blocked": pgettext_lazy("mail not sent", "the person’s data is blocked"),
    "destroyed": pgettext_lazy("mail not sent", "the person’s data is destroyed"),
    "not_covered": pgettext_lazy("mail not sent", "the purpose does not cover an address"),
    "no_address": pgettext_lazy("mail not sent", "no address is known"),
    "broken_address": pgettext_lazy("mail not sent", "the address cannot be written to"),
    "not_taken": pgettext_lazy("mail not sent", "the mail server did not take it"),
    "wrong_kind": pgettext_lazy("mail not sent", "the template is not for this purpose"),
    "no_doorkeeper": pgettext_lazy("mail not sent", "nobody could be asked whether it may leave"),
}
