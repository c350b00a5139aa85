"""The board the desk opens on: what is due, by how near it is. The same number of queries with ten requests as with
ten thousand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Count, F, Q, TextChoices, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from law.calendar import ProductionCalendar
from law.deadlines import end_of_day, operator_zone
from law.rules.fines import Fine, fine_of
from subject_requests.kinds import State
from subject_requests.models import Request, RequestClock, RequestQuerySet
from subject_requests.selectors import DueState, due_state

SHOWN: Final = 8
WEEK: Final = timedelta(days=7)


class Bucket(TextChoices):
    """In the order in which they are looked at."""

    OVERDUE = "overdue", pgettext_lazy("board", "Overdue")
    TODAY = "today", pgettext_lazy("board", "Due today")
    WEEK = "week", pgettext_lazy("board", "Due within a week")
    SECOND = "second", pgettext_lazy("board", "Refusals that wait for a second person")
    WAITING = "waiting", pgettext_lazy("board", "Waiting for the person")
    LATER = "later", pgettext_lazy("board", "Later")

    @property
    def empty(self) -> Any:
        return _EMPTY[self]


_EMPTY: Final = {
    Bucket.OVERDUE: _("Nothing is overdue."),
    Bucket.TODAY: _("Nothing is due today."),
    Bucket.WEEK: _("Nothing else is due within a week."),
    Bucket.SECOND: _("No refusal waits."),
    Bucket.WAITING: _("Nobody is asked for anything."),
    Bucket.LATER: _("Nothing is due later."),
}
BOARD: Final = (Bucket.OVERDUE, Bucket.TODAY, Bucket.WEEK, Bucket.SECOND, Bucket.WAITING)


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """`passed` is the part of the term that is over, in per cent; `fine` is named for what is late."""

    filed: Request
    due: DueState
    passed: int
    clock: RequestClock | None
    fine: Fine | None
    is_mine: bool


@dataclass(frozen=True, kw_only=True)
class Column:
    bucket: Bucket
    number: int
    rows: Sequence[BoardRow]

    @property
    def more(self) -> int:
        return self.number - len(self.rows)


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What one person of the desk has in hand; nobody's, when `holder` is None."""

    holder: UUID | None
    open: int
    overdue: int
    week: int


@dataclass(frozen=True, kw_only=True)
class Board:
    columns: Sequence[Column]
    open: int
    untaken: int
    overdue: int
    not_established: int
    not_established_overdue: int
    holders: Sequence[Holding]


def board(*, at: datetime, user_id: UUID | None = None) -> Board:
    """Requests of nobody in particular stand apart, as a number: they crowd nothing out, and their clocks run."""
    found = counts(at=at)
    rows = _rows(at, user_id)
    return Board(
        columns=[Column(bucket=bucket, number=found[bucket], rows=rows[bucket]) for bucket in BOARD],
        open=found["open"],
        untaken=found["untaken"],
        overdue=found["overdue_all"],
        not_established=found["not_established"],
        not_established_overdue=found["not_established_overdue"],
        holders=_holders(at),
    )


def counts(*, at: datetime, holders: Collection[UUID] | None = None) -> Mapping[str, int]:
    """By bucket, of everybody's requests or of some people's; one query."""
    requests = Request.objects.open()
    if holders is not None:
        requests = requests.filter(taken_by__in=holders)
    established = ~Q(identity="none")
    of_bucket = {bucket.value: Count("pk", filter=Q(bucket=bucket.value) & established) for bucket in Bucket}
    found: dict[str, int] = in_buckets(requests, at).aggregate(
        **of_bucket,
        open=Count("pk"),
        untaken=Count("pk", filter=Q(state=State.NEW) & established),
        overdue_all=Count("pk", filter=Q(due_at__lt=at)),
        not_established=Count("pk", filter=~established),
        not_established_overdue=Count("pk", filter=~established & Q(due_at__lt=at)),
    )
    return found


def in_buckets(requests: RequestQuerySet, at: datetime) -> Any:
    """The queryset with the name of the bucket in `bucket`."""
    zone = operator_zone()
    tonight = end_of_day(at.astimezone(zone).date(), zone)
    return requests.annotate(
        bucket=Case(
            When(due_at__lt=at, then=Value(Bucket.OVERDUE.value)),
            When(due_at__lte=tonight, then=Value(Bucket.TODAY.value)),
            When(state=State.PROPOSED, then=Value(Bucket.SECOND.value)),
            When(due_at__lte=tonight + WEEK, then=Value(Bucket.WEEK.value)),
            When(state=State.WAITING, then=Value(Bucket.WAITING.value)),
            default=Value(Bucket.LATER.value),
        )
    )


def _rows(at: datetime, user_id: UUID | None) -> dict[Bucket, list[BoardRow]]:
    place = Window(RowNumber(), partition_by=[F("bucket")], order_by=[F("due_at").asc(), F("number").asc()])
    shown = (
        in_buckets(Request.objects.open().established(), at)
        .exclude(bucket=Bucket.LATER.value)
        .annotate(place=place)
        .filter(place__lte=SHOWN)
        .order_by("due_at", "number")
        .prefetch_related("clocks")
    )
    calendar = ProductionCalendar.current()
    rows: dict[Bucket, list[BoardRow]] = {bucket: [] for bucket in Bucket}
    for filed in shown:
        bucket = Bucket(filed.bucket)
        clock = next_clock(filed)
        rows[bucket].append(
            BoardRow(
                filed=filed,
                due=due_state(filed, at=at, calendar=calendar),
                passed=passed(filed, at),
                clock=clock,
                fine=fine_of(clock.rule) if clock and bucket == Bucket.OVERDUE else None,
                is_mine=filed.taken_by is not None and filed.taken_by == user_id,
            )
        )
    return rows


def next_clock(filed: Request) -> RequestClock | None:
    """Of the clocks that run the one that ends first."""
    running = [clock for clock in filed.clocks.all() if clock.is_running]
    return min(running, key=lambda clock: clock.due_at, default=None)


def passed(filed: Request, at: datetime) -> int:
    term = (filed.due_at - filed.received_at).total_seconds()
    if term <= 0:
        return 100
    return min(max(round(100 * (at - filed.received_at).total_seconds() / term), 1), 100)


def _holders(at: datetime) -> list[Holding]:
    zone = operator_zone()
    week = end_of_day(at.astimezone(zone).date(), zone) + WEEK
    grouped = (
        Request.objects.open()
        .values("taken_by")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=at)),
            week=Count("pk", filter=Q(due_at__gte=at, due_at__lte=week)),
        )
        .order_by("-overdue", "-open", "taken_by")
    )
    return [
        Holding(holder=row["taken_by"], open=row["open"], overdue=row["overdue"], week=row["week"]) for row in grouped
    ]
