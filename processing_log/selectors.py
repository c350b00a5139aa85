"""What the auditor's pages show. Lists go by key, not by number of page: the last page costs what the first does."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.db import connection
from django.db.models import Q

from law import clock
from processing_log import finding
from processing_log.filters import LogFilter
from processing_log.models import APPLICATION, Checkpoint, Event, Leaf, TreeState
from processing_log.scopes import PAGE_SECONDS, Scope, eyes

PAGE: Final = 25
COUNTED: Final = 2_000  # events of a period that are counted, the newest; all of them are in the charts (tally.py)
OF_ONE_ACT: Final = timedelta(minutes=10)  # an act is one transaction
NEIGHBOURS: Final = 50
BESIDE: Final = 2
PAST_SHOWN: Final = 10


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in the list: that of one event."""

    at: datetime
    id: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        at, _, number = text.partition("~")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(text)
        return cls(at=moment, id=int(number))

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"


@dataclass(frozen=True, kw_only=True)
class EventPage:
    events: Sequence[Event]
    older: Position | None  # whereafter the next page begins


@dataclass(frozen=True, kw_only=True)
class Counts:
    by_kind: Sequence[tuple[tuple[str, str], int]]  # ((operation, fact), events), most first
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total >= COUNTED


def page_of_events(wanted: LogFilter, *, before: Position | None = None, size: int = PAGE) -> EventPage:
    events = wanted.events().order_by("-at", "-id")
    if before:
        # The first condition is for the index and the partitions, the second for events of one moment.
        events = events.filter(at__lte=before.at).filter(Q(at__lt=before.at) | Q(id__lt=before.id))
    events = finding.among(wanted, events, size + 1)
    with eyes(wanted.within, seconds=PAGE_SECONDS):
        rows = list(events[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return EventPage(events=rows[:size], older=Position(at=last.at, id=last.pk) if last else None)


def counts(wanted: LogFilter) -> Counts:
    newest = finding.among(wanted, wanted.events(), COUNTED).order_by("-at", "-id")
    query, params = newest.values_list("operation", "fact")[:COUNTED].query.sql_with_params()
    with eyes(wanted.within, seconds=PAGE_SECONDS), connection.cursor() as cursor:
        cursor.execute(f"SELECT operation, fact, count(*) FROM ({query}) e GROUP BY 1, 2", params)  # noqa: S608
        counted = Counter({(operation, fact): number for operation, fact, number in cursor.fetchall()})
    return Counts(by_kind=counted.most_common(), total=counted.total())


def one_event(number: int, scope: Scope) -> Event | None:
    with eyes(scope, seconds=PAGE_SECONDS):
        return scope.narrow(Event.objects.filter(pk=number)).first()


def events_of_one_act(event: Event, scope: Scope) -> Sequence[Event]:
    """The others that one declaration has left."""
    around = (event.at - OF_ONE_ACT, event.at + OF_ONE_ACT)
    same = scope.narrow(Event.objects.filter(context=event.context, at__range=around).exclude(pk=event.pk))
    with eyes(scope, seconds=PAGE_SECONDS):
        return list(same.order_by("at", "id")[:NEIGHBOURS])


def past_the_application(scope: Scope | None = None) -> Sequence[Event]:
    """The newest events that a login other than the application's wrote: somebody declared processing by hand."""
    past = Event.objects.exclude(db_role=APPLICATION)
    past = scope.narrow(past) if scope else past
    with eyes(scope, seconds=PAGE_SECONDS):
        return list(past.order_by("-at", "-id")[:PAST_SHOWN])


def trouble_of_the_tree() -> str:
    """The code of what is wrong with sequencer or signer, or nothing."""
    state, now = TreeState.objects.get(), clock.now()
    if state.alarm:
        return state.alarm
    if (oldest := _first_outside_the_tree()) and oldest < now - settings.LOG_IN_THE_TREE_WITHIN:
        return "sequencer_lags"
    last = Checkpoint.objects.order_by("-size").first()
    signed = last.size if last else 0
    first = Leaf.objects.filter(index__gte=signed).order_by("index").first() if state.size > signed else None
    return "not_signed" if first and first.event_at < now - settings.LOG_SIGNED_WITHIN else ""


def _first_outside_the_tree() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.at FROM processing_log_event e WHERE (e.transaction_id, e.id) >"
            " (SELECT after_transaction, after_event FROM processing_log_treestate)"
            " ORDER BY e.transaction_id, e.id LIMIT 1"
        )
        row = cursor.fetchone()
    return row[0] if row else None


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """An entry beside another one; `event_id` is None where the mandate does not reach."""

    index: int
    event_id: int | None


def neighbours(index: int | None, scope: Scope) -> Sequence[Neighbour]:
    """The leaf and those that stand beside it in the tree."""
    if index is None:
        return []
    first, end = max(0, index - BESIDE), min(index + BESIDE + 1, TreeState.objects.get().size)
    with eyes(scope, seconds=PAGE_SECONDS):
        leaves = Leaf.objects.filter(index__gte=first, index__lt=end)
        found = dict(leaves.values_list("index", "event_id"))
    return [Neighbour(index=place, event_id=found.get(place)) for place in range(first, end)]
