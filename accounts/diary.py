"""The processing log in plain words: who did what with a person's data, when and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypedDict

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.reasons import RevealReason
from personal_data.gathering import LoggedEvent
from processing_log import words
from processing_log.actors import ActorKind
from processing_log.models import Event
from processing_log.operations import Operation

Words = str | Promise
REQUEST_NUMBER: Final = re.compile(r"\d{4}-\d{6,12}")

VERBS: Final[Mapping[str, Words]] = {
    Operation.COLLECT: pgettext_lazy("log", "Collected"),
    Operation.RECORD: pgettext_lazy("log", "Entered"),
    Operation.SYSTEMATISE: pgettext_lazy("log", "Sorted"),
    Operation.ACCUMULATE: pgettext_lazy("log", "Added"),
    Operation.STORE: pgettext_lazy("log", "Stored"),
    Operation.CLARIFY: pgettext_lazy("log", "Changed"),
    Operation.EXTRACT: pgettext_lazy("log", "Opened"),
    Operation.USE: pgettext_lazy("log", "Used"),
    Operation.TRANSFER: pgettext_lazy("log", "Passed on"),
    Operation.DEPERSONALISE: pgettext_lazy("log", "Made anonymous"),
    Operation.BLOCK: pgettext_lazy("log", "Blocked"),
    Operation.DELETE: pgettext_lazy("log", "Removed"),
    Operation.DESTROY: pgettext_lazy("log", "Destroyed"),
}

WHO: Final[Mapping[str, Words]] = {
    ActorKind.USER: gettext_lazy("A user"),
    ActorKind.REPRESENTATIVE: gettext_lazy("A representative of a Customer"),
    ActorKind.STAFF: gettext_lazy("A member of staff"),
    ActorKind.OFFICER: gettext_lazy("The privacy officer"),
    ActorKind.AUDITOR: gettext_lazy("An auditor"),
    ActorKind.ADMIN: gettext_lazy("An administrator"),
    ActorKind.SYSTEM: gettext_lazy("The portal"),
    ActorKind.STRANGER: gettext_lazy("Somebody who was not signed in"),
}

#: People. What they do is set apart from what the portal does by itself.
PEOPLE: Final = frozenset({ActorKind.STAFF, ActorKind.OFFICER, ActorKind.AUDITOR, ActorKind.ADMIN})


@dataclass(frozen=True, kw_only=True)
class Line:
    at: datetime
    who: str
    what: str
    categories: Sequence[str]
    why: str
    reason: str
    is_own: bool
    by_staff: bool
    was_refused: bool


#: What of the diary is shown: by the word in the address.
READING: Final = (Operation.EXTRACT, Operation.USE, Operation.TRANSFER)
PARTS: Final[Mapping[str, tuple[Words, Q]]] = {
    "": (pgettext_lazy("diary", "Everything"), Q()),
    "staff": (pgettext_lazy("diary", "Only people who work here"), Q(actor_kind__in=PEOPLE)),
    "opened": (pgettext_lazy("diary", "Only openings"), Q(operation__in=READING)),
    "changed": (pgettext_lazy("diary", "Only changes"), ~Q(operation__in=["", *READING])),
    "refused": (pgettext_lazy("diary", "Only what was refused"), Q(fact__startswith=words.REFUSED)),
}


def events_about(user: User, part: str = "") -> "QuerySet[Event]":
    """`part` is one of PARTS; what somebody made up is everything."""
    _title, which = PARTS.get(part, PARTS[""])
    return Event.objects.filter(which, subject=user.subject_id).order_by("-at", "-id")


class Teller:
    """Tells events about one person. What is said of equal codes is said once: a log repeats itself."""

    def __init__(self, user: User | None) -> None:
        """Without a user nobody is "you"."""
        self._own_id = str(user.pk) if user else ""
        self._place = get_language() or "", str(settings.OPERATOR_PROFILE)
        self._said: dict[tuple[str, ...], Line] = {}

    def line(self, event: Event | LoggedEvent) -> Line:
        said = self.said(event)
        return said if said.at is event.at else replace(said, at=event.at)

    def said(self, event: Event | LoggedEvent) -> Line:
        """As `line`, but `at` may be of another event of which the same is to be said."""
        codes = (
            event.actor_kind, event.actor_id, event.operation, event.fact, ",".join(event.categories), event.purpose,
            event.reason,
        )  # fmt: skip
        said = self._said.get(codes)
        if said is None:
            said = self._said[codes] = Line(at=event.at, **self.in_words(codes))
        return said

    def in_words(self, codes: Sequence[str]) -> "Said":
        """`codes` are those of `codes_of`."""
        kind, actor, operation, fact, categories, purpose, reason = codes
        is_own = actor == self._own_id
        act = _act("" if is_own else kind, f"{operation} {fact}", categories, purpose, self._place)
        return {
            # people of the operator are told apart by their reference; a name is theirs
            "who": f"{act.who} ({actor[:8]})" if act.by_staff else act.who,
            "what": act.what,
            "categories": act.categories,
            "why": act.why,
            "reason": _reason(reason, self._place) if reason else "",
            "is_own": is_own,
            "by_staff": act.by_staff,
            "was_refused": act.was_refused,
        }


class Said(TypedDict):
    """A line but for its moment."""

    who: str
    what: str
    categories: Sequence[str]
    why: str
    reason: str
    is_own: bool
    by_staff: bool
    was_refused: bool


class _Act(NamedTuple):
    who: str
    what: str
    categories: Sequence[str]
    why: str
    by_staff: bool
    was_refused: bool


@lru_cache(maxsize=4096)
def _act(kind: str, done: str, categories: str, purpose: str, place: tuple[str, str]) -> _Act:
    """What was done (operation and fact) with which data, by what kind of people and why: few acts make up a log. No
    kind is "you"."""
    return _Act(
        _said("who", kind, place),
        _said("what", done, place),
        [_said("category", code, place) for code in categories.split(",") if code],
        _said("purpose", purpose, place),
        kind in PEOPLE,
        done.partition(" ")[2].startswith(words.REFUSED),
    )


def _reason(reason: str, place: tuple[str, str]) -> str:
    """A code of ours in words, with the request's number if there is one; the codes of the machinery stay untold."""
    code, _space, number = reason.partition(" ")
    if number:
        said = _said("reason", code, place)
        return f"{said} {number}" if said else ""
    return _said("request" if REQUEST_NUMBER.fullmatch(code) else "reason", code, place)


@lru_cache(maxsize=4096)
def _said(about: str, code: str, place: tuple[str, str]) -> str:
    """The words of a code, in the language and with the profile that `place` names; both are those that are active."""
    match about:
        case "who":
            return str(WHO.get(code, code)) if code else _("You")
        case "what":
            return _what(*code.split(" "))
        case "category":
            return words.of_category(code)
        case "purpose":
            return words.of_purpose(code)
        case "request":
            return _("request %(number)s") % {"number": code}
    return str(RevealReason(code).label) if code in RevealReason.values else ""


def _what(operation: str, fact: str) -> str:
    """A fact as its room says it; else what was done with the data."""
    if fact.startswith(words.REFUSED):
        return _("Tried to open, and was refused")
    return words.of_fact(fact) if fact else str(VERBS[operation])
