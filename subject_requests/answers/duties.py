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
from consent.in_force import day_of
from consent.models import PolicyVersion
from personal_data.reading import fetch_prepared
from subject_requests.answers.operators_side import SharedDict

_IN_FORCE: Final = """SELECT number, effective_on::text, sha256 FROM consent_policyversion
WHERE effective_on <= %(day)s ORDER BY number DESC LIMIT 1"""


def told(words: str, *, at: datetime) -> dict[str, Any]:
    in_force = fetch_prepared(_IN_FORCE, {"day": day_of(at)}, DEFAULT_DB_ALIAS)
    version = tuple(in_force[0]) if in_force else (0, "", "")
    return _told(version, words, get_language() or "", str(settings.OPERATOR_PROFILE))


@lru_cache(maxsize=16)
def _told(version: tuple[int, str, str], words: str, language: str, profile: str) -> dict[str, Any]:
    """Language and profile are those that are active; the arguments only name them, as the hash does the database."""
    number, effective_on, _sha256 = version
    responsible = profiles.current().operator.responsible
    policy = {"number": number, "effective_on": effective_on, "url": f"{settings.BASE_URL}/privacy/"}
    return SharedDict(
        responsible=responsible.title.in_language(words),
        responsible_email=responsible.email,
        policy=policy if number else None,
        measures=_clauses(number, words) if number else [],
        by_the_portal=_by_the_portal(),
    )


def _clauses(version: int, words: str) -> list[dict[str, Any]]:
    text = PolicyVersion.objects.get(pk=version).document.in_language(words)
    return [
        {"clause": clause.number, "text": [part.canonical() for part in clause.parts]}
        for clause in text.clauses
        if clause.number in profiles.current().measures
    ]


def _by_the_portal() -> list[str]:
    return [
        _("Every personal value is stored encrypted, under a key of its own for each person."),
        _("Nothing opens or changes without a declared purpose, a legal basis and somebody who answers for it."),
        _("Every opening by staff and every change is entered in a log that can only be added to."),
        _("Staff see masks; opening a value takes a reason and a second factor at sign-in."),
        _("Data is destroyed together with its key when its term is over, and the destruction is recorded."),
    ]
