"""The clocks of a request: started at receipt, met by what they demand, made longer once, recounted when a calendar
comes. Nothing else moves them: neither waiting for the person nor finding out who they are."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from law.calendar import ProductionCalendar
from law.deadlines import DueDate, due
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import thread
from subject_requests.facts import Fact
from subject_requests.kinds import Author, MessageKind, Met, RequestKind
from subject_requests.models import Request, RequestClock
from subject_requests.thread import PURPOSE

#: Met by the destruction itself, where the request is granted: the rules of data that is to be destroyed.
DESTROYED_BY: Final = {RequestKind.DESTRUCTION: "D13", RequestKind.UNNEEDED: "D05"}
#: And whatever becomes of the request: that the processing is unlawful is so whether somebody asks or not.
DESTROY_UNLAWFUL: Final = "D09"


class NoMoreTime(Exception):
    """The term cannot be made longer: the law knows no second one, it was made longer already, or it is over."""


class NothingWritten(ValueError):
    """A notice, an answer or a refusal needs words."""


def terms_of(
    kinds: Iterable[RequestKind], received_at: datetime, *, calendar: ProductionCalendar | None = None
) -> list[tuple[RequestKind, DueDate]]:
    """Each rule once, by the first of the kinds that starts it."""
    calendar = calendar or ProductionCalendar.current()
    found: dict[str, tuple[RequestKind, DueDate]] = {}
    for kind in kinds:
        for rule in kind.rules:
            if rule not in found:
                found[rule] = kind, due(rule, received_at, calendar=calendar)
    return list(found.values())


def start(
    request: Request, terms: Iterable[tuple[RequestKind, DueDate]], *, started_at: datetime | None = None
) -> None:
    """From the receipt, unless something else than the request starts them. One that was dropped goes on as it ran."""
    known = dict(request.clocks.values_list("rule", "how"))
    for kind, term in terms:
        if term.rule.id in known:
            if known[term.rule.id] == Met.DROPPED:
                request.clocks.filter(rule=term.rule.id).update(met_at=None, how="")
            continue
        RequestClock.objects.create(
            request=request,
            subject_id=request.subject_id,
            kind=kind,
            rule=term.rule.id,
            rule_since=term.rule.effective_from,
            article=term.rule.article,
            started_at=started_at or request.received_at,
            extension=term.rule.extension.amount if term.rule.extension else 0,
            **_counted(term),
        )


def meet(request: Request, rules: Collection[str], *, how: Met, at: datetime) -> None:
    request.clocks.filter(rule__in=rules, met_at=None).update(met_at=at, how=how)


def meet_all(request: Request, *, how: Met, at: datetime, but: Collection[str] = ()) -> None:
    request.clocks.filter(met_at=None).exclude(rule__in=[*but, DESTROY_UNLAWFUL]).update(met_at=at, how=how)


def extend(*, clock_id: int, text: str, actor: Actor, at: datetime) -> None:
    """Five more working days (article 14, part 3), once, with the reasons told to the person in the same transaction.
    Raises NoMoreTime, NothingWritten."""
    if not text.strip():
        raise NothingWritten
    asked = RequestClock.objects.select_related("request").get(pk=clock_id)
    with processing(PURPOSE, actor=actor, reason=asked.request.number) as act:
        clock = RequestClock.objects.select_for_update().get(pk=clock_id)
        if not (asked.request.is_open and clock.may_be_extended(at)):
            raise NoMoreTime
        request = asked.request
        notice = thread.write(request, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.EXTENSION)
        term = due(clock.rule, clock.started_at, extended=True)
        counted = _counted(term)
        RequestClock.objects.filter(pk=clock_id).update(
            extended_at=at, extended_by=actor.id, notice=notice.pk, **counted
        )
        request.refresh_from_db()
        thread.tell(request, "request_extended", at)
        thread.record(act, Fact.TERM_EXTENDED, request)


def recount_provisional(*, actor: Actor) -> int:
    """Terms that ran into a year without a decree, now that one is out (or the operator entered days): how many moved
    or were settled."""
    calendar = ProductionCalendar.current()
    count = 0
    for clock in RequestClock.objects.running().filter(provisional=True).select_related("request"):
        term = due(clock.rule, clock.started_at, extended=clock.is_extended, calendar=calendar)
        if (term.due_on, term.provisional) == (clock.due_on, clock.provisional):
            continue
        with processing(PURPOSE, actor=actor, reason=clock.request.number) as act:
            still = RequestClock.objects.filter(pk=clock.pk, provisional=True, met_at=None)
            if still.update(**_counted(term)):
                thread.record(act, Fact.TERM_RECOUNTED, clock.request)
                count += 1
    return count


def _counted(term: DueDate) -> dict[str, object]:
    return {
        "due_on": term.due_on,
        "due_at": term.due_at,
        "target_on": term.target_on,
        "counted_days": list(term.counted_days),
        "provisional": term.provisional,
    }
