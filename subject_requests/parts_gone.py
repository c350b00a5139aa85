"""When the parts that a request is about are gone: its clock is met, what was blocked for the check is in use again,
and the person is told. At once, where nothing was waited for; else beat finds it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import clocks, contested, effects, thread
from subject_requests.facts import Fact
from subject_requests.kinds import Author, Contest, MessageKind, Met, RequestKind
from subject_requests.models import Request, RequestClock
from subject_requests.thread import PURPOSE

ACTOR: Final = Actor.system("desk")
MAIL: Final = "request_part_destroyed"
_DESTROYED_BY: Final = (*clocks.DESTROYED_BY.values(), clocks.DESTROY_UNLAWFUL)


def meet(request: Request, ground: Contest) -> bool:
    """Inside of an open act. Whether the parts are gone."""
    done_at = contested.done_at(request, ground)
    if done_at is None:
        return False
    clocks.meet(request, [contested.LAW[ground]], how=Met.CARRIED_OUT, at=done_at)
    if ground == Contest.UNLAWFUL:
        effects.end_finding(request)
    else:
        effects.end_check(request, [RequestKind.UNNEEDED])
    return True


def tell(request: Request, ground: Contest, *, at: datetime) -> None:
    """A mail that says what was destroyed, with its receipts; or that it waits."""
    with translation.override(request.language):
        parts = contested.shown(request, ground)
    waits = any(part.done_at is None for part in parts)
    receipts = dict.fromkeys(settings.BASE_URL + part.receipt for part in parts if part.receipt)
    thread.tell(
        request, MAIL, at, what="; ".join(part.words for part in parts), receipts=" ".join(receipts),
        waits="waits" if waits else "",
    )  # fmt: skip


def finish(at: datetime) -> int:
    """Of how many requests the parts are gone since. Finds its work in the database; can run twice at once."""
    return sum(_finish(clock, at) for clock in _running())


def _running() -> list[RequestClock]:
    ordered = Request.objects.filter(contested_parts__order__isnull=False)
    clocks_of_parts = RequestClock.objects.running().filter(rule__in=contested.LAW.values(), request__in=ordered)
    return list(clocks_of_parts.select_related("request"))


def _finish(clock: RequestClock, at: datetime) -> bool:
    ground = next(ground for ground, rule in contested.LAW.items() if rule == clock.rule)
    with processing(PURPOSE, actor=ACTOR, reason=clock.request.number) as act:
        request = Request.objects.select_for_update().get(pk=clock.request_id)
        still = RequestClock.objects.filter(pk=clock.pk, met_at=None).exists()
        if not (still and meet(request, ground)):
            return False
        request.refresh_from_db()
        _write(request, ground, at)
        tell(request, ground, at=at)
        thread.record(act, Fact.PARTS_GONE, request)
    return True


def _write(request: Request, ground: Contest, at: datetime) -> None:
    with translation.override(request.language):
        parts = "; ".join(part.words for part in contested.shown(request, ground))
        text = _("This part of your data is destroyed now: %(parts)s. The rest stays as it was.") % {"parts": parts}
    thread.write(request, text, author=Author.PORTAL, actor=ACTOR, at=at, kind=MessageKind.WORDS)


def meet_of_the_gone() -> int:
    """Clocks whose person is destroyed, where another one wrote: a stranger in whom they were recognised, or somebody
    who speaks for them. How many were met by that."""
    met = 0
    for subject in Subject.objects.exclude(destroyed_at=None).filter(pk__in=_about_others()):
        for request in Request.objects.filter(about=subject, subject__destroyed_at=None):
            with processing(PURPOSE, actor=ACTOR, reason=request.number):
                running = request.clocks.filter(
                    met_at=None, rule__in=_DESTROYED_BY, started_at__lte=subject.destroyed_at
                )
                met += running.update(met_at=subject.destroyed_at, how=Met.CARRIED_OUT)
    return met


def _about_others() -> set[UUID]:
    running = RequestClock.objects.running().filter(rule__in=_DESTROYED_BY)
    return set(running.exclude(request__about=None).values_list("request__about", flat=True))
