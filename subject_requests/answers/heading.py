"""What stands above an answer, on the page and on paper."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from looks.templatetags.looks import day_in_words, moment_in_words
from subject_requests.answers.document import Document


def title() -> str:
    return _("Information about the processing of your personal data")


def lead(document: Document) -> str:
    law = _("Personal Data Law (152-FZ), article 14, part 7")
    asked = document["request"]
    if not asked:
        return law
    return _("%(law)s. Answer to request %(number)s of %(day)s, as of %(moment)s.") % {
        "law": law,
        "number": asked["number"],
        "day": day_in_words(datetime.fromisoformat(asked["received_at"])),
        "moment": moment_in_words(datetime.fromisoformat(document["made_at"])),
    }


def foot(document: Document) -> str:
    asked, operator = document["request"], str(document["operator"]["short_name"])
    return f"{operator} · {_('request %(number)s') % {'number': asked['number']}}" if asked else operator


def card(operator: Mapping[str, Any]) -> str:
    return _("%(address)s · INN %(inn)s · OGRN %(ogrn)s · %(email)s · %(website)s") % operator
