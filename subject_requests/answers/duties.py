"""Item 9.1 of article 14, part 7: how the operator meets the duties of article 18.1. The policy that was published says
what is done in its offices; the portal says what it does itself."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

import profiles
from consent.in_force import day_of
from consent.models import PolicyVersion
from personal_data.gathering import Beside
from subject_requests.answers.operators_side import SharedDict

_IN_FORCE: Final = """SELECT json_build_array(number, effective_on::text, sha256) FROM consent_policyversion
WHERE effective_on <= %(day)s ORDER BY number DESC LIMIT 1"""
_NOT_YET: Final = (0, "", "")


def in_force(at: datetime) -> Beside:
    """The question which policy is in force, to be asked together with what is held; `told` takes the answer."""
    return Beside(sql=_IN_FORCE, params={"day": day_of(at)})


def told(words: str, *, version: Sequence[Any] | None) -> dict[str, Any]:
    return _told(tuple(version or _NOT_YET), words, get_language() or "", str(settings.OPERATOR_PROFILE))


@lru_cache(maxsize=16)
def _told(version: tuple[Any, ...], words: str, language: str, profile: str) -> dict[str, Any]:
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
