"""What pages show of made answers. Nothing here opens a value: staff see how many there are of each category."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import profiles
from accounts.wording import reader_language
from subject_requests.kinds import OPEN_STATES, Channel, RequestKind
from subject_requests.models import AnswerSet, Request
from subject_requests.models.answers import STEPS


@dataclass(frozen=True, kw_only=True)
class MakeUp:
    """One made answer without its values. `percent` is how far the worker is."""

    answer: AnswerSet
    categories: Sequence[tuple[str, int]]
    percent: int
    is_there: bool


@dataclass(frozen=True, kw_only=True)
class MadeFor:
    """`why_not` is a code: why no answer can be made now, if so."""

    is_access: bool
    why_not: str
    latest: MakeUp | None
    goes_by_post: bool


def given(filed: Request) -> AnswerSet | None:
    return AnswerSet.objects.filter(request=filed, given_at__isnull=False).select_related("file").first()


def made(filed: Request, user: Any) -> MadeFor:
    latest = AnswerSet.objects.filter(request=filed).select_related("file").last()
    return MadeFor(
        is_access=filed.asks(RequestKind.ACCESS),
        why_not=_why_not(filed, user),
        latest=make_up(latest) if latest else None,
        goes_by_post=goes_by_post(filed),
    )


def goes_by_post(filed: Request) -> bool:
    return filed.channel in (Channel.POST, Channel.TELEPHONE)


def make_up(answer: AnswerSet) -> MakeUp:
    words, known = reader_language(), profiles.current().categories
    categories = [
        (known[code].title.in_language(words), count) for code, count in answer.counts.items() if code in known
    ]
    return MakeUp(
        answer=answer,
        categories=categories,
        percent=answer.done * 100 // STEPS,
        is_there=hasattr(answer, "file"),
    )


def _why_not(filed: Request, user: Any) -> str:
    if filed.state not in OPEN_STATES:
        return "closed"
    if filed.taken_by != user.pk:
        return "not_yours"
    if not filed.is_identified:
        return "unknown"
    return "" if filed.may_disclose else "authority"
