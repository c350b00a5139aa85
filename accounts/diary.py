"""The processing log in plain words: who did what with a person's data, when and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.reasons import RevealReason
from processing_log import words
from processing_log.actors import ActorKind
from processing_log.models import Event
from processing_log.operations import Operation

Words = str | Promise

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


def events_about(user: User) -> "QuerySet[Event]":
    return Event.objects.filter(subject=user.subject_id).order_by("-at", "-id")


def line(event: Event, user: User) -> Line:
    is_own = event.actor_id == str(user.pk)
    by_staff = event.actor_kind in PEOPLE and not is_own
    return Line(
        at=event.at,
        who=_("You") if is_own else _who(event, named=by_staff),
        what=_what(event),
        categories=[words.of_category(code) for code in event.categories],
        why=words.of_purpose(event.purpose),
        reason=_reason(event.reason),
        is_own=is_own,
        by_staff=by_staff,
        was_refused=event.fact.startswith(words.REFUSED),
    )


def _who(event: Event, *, named: bool) -> str:
    """People of the operator are told apart by their reference; a name is theirs."""
    kind = str(WHO.get(event.actor_kind, event.actor_kind))
    return f"{kind} ({event.actor_id[:8]})" if named else kind


def _what(event: Event) -> str:
    """A fact as its room says it; else what was done with the data."""
    if event.fact.startswith(words.REFUSED):
        return _("Tried to open, and was refused")
    return words.of_fact(event.fact) if event.fact else str(VERBS[event.operation])


def _reason(reason: str) -> str:
    """A code of ours in words, with the request's number if there is one; the codes of the machinery stay untold."""
    code, _space, number = reason.partition(" ")
    if code not in RevealReason.values:
        return ""
    return f"{RevealReason(code).label} {number}".strip()
