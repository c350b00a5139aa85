"""Item 9.1 of article 14, part 7: how the operator meets the duties of article 18.1. The policy that was published says
what is done in its offices; the portal says what it does itself."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

import profiles
from accounts.wording import reader_language
from consent.in_force import day_of
from consent.models import PolicyVersion
from personal_data.reading import fetch_prepared

_IN_FORCE: Final = """SELECT number, effective_on::text, sha256 FROM consent_policyversion
WHERE effective_on <= %(day)s ORDER BY number DESC LIMIT 1"""


def told(words: str, *, at: datetime) -> dict[str, Any]:
    in_force = fetch_prepared(_IN_FORCE, {"day": day_of(at)}, DEFAULT_DB_ALIAS)
    own = _own(get_language() or "", str(settings.OPERATOR_PROFILE))
    if not in_force:
        return {**own, "policy": None, "measures": []}
    ((number, effective_on, sha256),) = in_force
    policy = {"number": number, "effective_on": effective_on, "url": f"{settings.BASE_URL}/privacy/"}
    return {**own, "policy": policy, "measures": _clauses(number, sha256, words, profiles.current().measures)}


@lru_cache(maxsize=16)
def _own(language: str, profile: str) -> dict[str, Any]:
    """In the language and by the profile that are active; the arguments only name them."""
    responsible = profiles.current().operator.responsible
    return {
        "responsible": responsible.title.in_language(reader_language()),
        "responsible_email": responsible.email,
        "by_the_portal": _by_the_portal(),
    }


@lru_cache(maxsize=16)
def _clauses(version: int, sha256: str, words: str, numbers: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """A version that is published never changes; the hash tells it from those of other databases."""
    text = PolicyVersion.objects.get(pk=version).document.in_language(words)
    return tuple(
        {"clause": clause.number, "text": [part.canonical() for part in clause.parts]}
        for clause in text.clauses
        if clause.number in numbers
    )


def _by_the_portal() -> list[str]:
    return [
        _("Every personal value is stored encrypted, under a key of its own for each person."),
        _("Nothing opens or changes without a declared purpose, a legal basis and somebody who answers for it."),
        _("Every opening by staff and every change is entered in a log that can only be added to."),
        _("Staff see masks; opening a value takes a reason and a second factor at sign-in."),
        _("Data is destroyed together with its key when its term is over, and the destruction is recorded."),
    ]
