"""Events in words, for the auditor's tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from processing_log import words
from processing_log.actors import ActorKind
from processing_log.models import Event


@dataclass(frozen=True, kw_only=True)
class Line:
    """An event in words, with its codes."""

    event: Event
    what: str
    who: str
    purpose: str
    categories: Sequence[str]


def line_of(event: Event) -> Line:
    return Line(
        event=event,
        what=words.what_happened(event),
        who=str(ActorKind(event.actor_kind).label),
        purpose=words.of_purpose(event.purpose),
        categories=[words.of_category(code) for code in event.categories],
    )
