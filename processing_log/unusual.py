"""Reads that deserve a second look. Plain rules, said on the page: they accuse nobody, and miss whoever knows them.

Only what people of the operator opened by hand is looked at. Who is a colleague and who had an open request the log
does not know: the rooms that do are asked."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from law.calendar import ProductionCalendar
from processing_log.models import PEOPLE, Event
from processing_log.operations import Operation
from processing_log.scopes import PAGE_SECONDS, Scope, eyes

#: Reads of a period that are looked at, the newest.
LOOKED_AT: Final = 5_000
SHOWN: Final = 50
OPENS, CLOSES = 8, 20
MANY: Final = 20
#: The work with the staff's own accounts: handing work over, inviting, closing.
STAFF_WORK: Final = "staff"


class Sign(TextChoices):
    OUT_OF_HOURS = "out_of_hours", _("out of hours: before 8, after 20, or on a day off")
    MANY = "many", _("one of those who opened the data of 20 people or more on that day")
    COLLEAGUE = "colleague", _("of a colleague, not for work with the staff’s accounts")
    NO_REQUEST = "no_request", _("of a person who had no open request, and no request is named")


@dataclass(frozen=True, kw_only=True)
class Span:
    """When somebody had a request open."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at <= self.until)


@dataclass(frozen=True, kw_only=True)
class Unusual:
    event: Event
    signs: Sequence[Sign]


@dataclass(frozen=True, kw_only=True)
class Found:
    """`counts` by rule, of all that were looked at; `reads` are the newest of those with a sign."""

    reads: Sequence[Unusual]
    counts: Sequence[tuple[Sign, int]]
    looked_at: int

    @property
    def is_cut(self) -> bool:
        return self.looked_at >= LOOKED_AT


class _Knowledge:
    colleagues: Callable[[], Collection[UUID]] = staticmethod(frozenset)
    requests: Callable[[Collection[UUID]], Mapping[UUID, Sequence[Span]]] = staticmethod(lambda _subjects: {})


_knowledge: Final = _Knowledge()


def teach(
    *,
    colleagues: Callable[[], Collection[UUID]] | None = None,
    requests: Callable[[Collection[UUID]], Mapping[UUID, Sequence[Span]]] | None = None,
) -> None:
    """`colleagues` are the references of those who work here; `requests` tells when these people had some open."""
    _knowledge.colleagues = colleagues or _knowledge.colleagues
    _knowledge.requests = requests or _knowledge.requests


def unusual_reads(scope: Scope, *, since: datetime, until: datetime) -> Found:
    events = scope.narrow(Event.objects.filter(operation=Operation.EXTRACT, actor_kind__in=PEOPLE, at__gte=since))
    with eyes(scope, seconds=PAGE_SECONDS):
        reads = list(events.filter(at__lt=until, subject__isnull=False).order_by("-at", "-id")[:LOOKED_AT])
    signs = _signs(reads)
    counts = [(sign, sum(sign in found for found in signs)) for sign in Sign]
    marked = [Unusual(event=event, signs=found) for event, found in zip(reads, signs, strict=True) if found]
    return Found(reads=marked[:SHOWN], counts=counts, looked_at=len(reads))


def _signs(reads: Sequence[Event]) -> list[list[Sign]]:
    zone, days_off = ZoneInfo(settings.OPERATOR_TIME_ZONE), ProductionCalendar.current()
    opened: defaultdict[tuple[str, str], set[UUID]] = defaultdict(set)
    for read in reads:
        opened[_day(read, zone)].add(_subject(read))
    colleagues = frozenset(_knowledge.colleagues())
    asked = _knowledge.requests({_subject(read) for read in reads})

    def of(read: Event) -> list[Sign]:
        local = read.at.astimezone(zone)
        is_work = days_off.is_working_day(local.date()) and OPENS <= local.hour < CLOSES
        is_colleague = _subject(read) in colleagues
        had_request = any(span.holds(read.at) for span in asked.get(_subject(read), ()))
        found = {
            Sign.OUT_OF_HOURS: not is_work,
            Sign.MANY: len(opened[_day(read, zone)]) >= MANY,
            Sign.COLLEAGUE: is_colleague and read.purpose != STAFF_WORK,
            Sign.NO_REQUEST: not is_colleague and not had_request and not _names_a_request(read),
        }
        return [sign for sign, is_so in found.items() if is_so]

    return [of(read) for read in reads]


def _day(read: Event, zone: ZoneInfo) -> tuple[str, str]:
    return read.actor_id, read.at.astimezone(zone).date().isoformat()


def _subject(read: Event) -> UUID:
    assert read.subject is not None
    return read.subject


def _names_a_request(read: Event) -> bool:
    """A number stands in the reason of what is done for a request: 2026-000123."""
    return any(part[:4].isdigit() and part[4:5] == "-" and part[5:].isdigit() for part in read.reason.split())
