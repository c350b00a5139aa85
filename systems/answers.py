"""Verdicts in the words of those who asked: the same bytes, whichever way the question came."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from profiles.schema import Purpose
from systems.question import BASIS, CONSENT, UNKNOWN, Verdict

_WORDS: Final[Mapping[str, Promise]] = {
    CONSENT: _("The person’s consent to this purpose is in force."),
    BASIS: _("The purpose does not rest on consent, and nothing stands against it."),
    "no_consent": _("The person has not given consent to this purpose, or has withdrawn it."),
    "blocked": _("Processing of this person’s data is blocked, and this purpose is not one that may go on."),
    "destroyed": _("This person’s data has been destroyed."),
    "not_covered": _("The purpose is not meant for people of this kind."),
    UNKNOWN: _("There is no such person here."),
}
_OTHERWISE: Final = _("A rule of the operator stands against it.")
_LAW: Final = "152-FZ"
_NORMS: Final[Mapping[str, str]] = {
    "no_consent": "6.1.1, 9.2",
    "blocked": "21",
    "destroyed": "3(8)",
    "not_covered": "5.2",
}


class Words:
    """What can be said of one purpose in one language; each verdict is put into words once."""

    def __init__(self, purpose: Purpose, language: str) -> None:
        self.purpose = purpose
        self._language = language
        self._said: dict[tuple[bool, str], dict[str, Any]] = {}

    def of(self, verdict: Verdict) -> dict[str, Any]:
        key = verdict.may, verdict.reason
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = self._say(verdict)
        return found

    def _say(self, verdict: Verdict) -> dict[str, Any]:
        with override(self._language):
            text = str(_WORDS.get(verdict.reason, _OTHERWISE))
        norm = self.purpose.basis.value if verdict.may else _NORMS.get(verdict.reason)
        return {
            "may": verdict.may,
            "reason": verdict.reason,
            "norm": f"{_LAW} {norm}" if norm else None,
            "text": text,
        }


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_known: Final[dict[tuple[str, str], Words]] = {}


def words_for(purpose: Purpose, language: str) -> Words:
    words = _known.get((purpose.code, language))
    if words is None or words.purpose is not purpose:
        words = _known[purpose.code, language] = Words(purpose, language)
    return words


def one(words: Words, verdict: Verdict, subject: UUID, at: datetime) -> dict[str, Any]:
    return {**words.of(verdict), "purpose": words.purpose.code, "subject": str(subject), "as_of": _moment(at)}


def many(words: Words, verdicts: Mapping[UUID, Verdict], at: datetime) -> dict[str, Any]:
    answers = [{"subject": str(subject), **words.of(verdict)} for subject, verdict in verdicts.items()]
    return {"purpose": words.purpose.code, "as_of": _moment(at), "answers": answers}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def written(answer: Mapping[str, Any]) -> bytes:
    return _encode(answer).encode()
