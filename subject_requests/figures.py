"""The desk in figures, month by month: how much came, how long answers took, how many were in time, why some were
refused. Counts only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Aggregate, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import TruncMonth

from law.deadlines import add_months, operator_zone
from subject_requests.kinds import CLOSED_STATES, Channel, RequestKind, State
from subject_requests.models import Request, RequestClock
from subject_requests.norms import NORMS

MONTHS: Final = 12
_SECONDS_OF_A_DAY: Final = 86_400


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, kw_only=True)
class Month:
    """`closed` in that month, of which `in_time`; `days` is the median from receipt to the end, in calendar days."""

    first: date
    received: int
    answered: int
    refused: int
    withdrawn: int
    in_time: int
    days: float | None

    @property
    def closed(self) -> int:
        return self.answered + self.refused + self.withdrawn

    @property
    def share_in_time(self) -> float | None:
        """In per cent; None where nothing was closed."""
        return round(100 * self.in_time / self.closed, 1) if self.closed else None


@dataclass(frozen=True, kw_only=True)
class Part:
    title: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    months: Sequence[Month]
    kinds: Sequence[Part]
    channels: Sequence[Part]
    refusals: Sequence[Part]

    @property
    def received(self) -> int:
        return sum(month.received for month in self.months)

    @property
    def closed(self) -> int:
        return sum(month.closed for month in self.months)

    @property
    def share_in_time(self) -> float | None:
        in_time = sum(month.in_time for month in self.months)
        return round(100 * in_time / self.closed, 1) if self.closed else None


def figures(*, at: datetime, months: int = MONTHS) -> Figures:
    """The last so many months, this one included; also those in which nothing happened."""
    zone = operator_zone()
    this = at.astimezone(zone).date().replace(day=1)
    firsts = [add_months(this, -back) for back in reversed(range(months))]
    since = datetime.combine(firsts[0], datetime.min.time(), tzinfo=zone)
    received = _by_month(Request.objects.filter(received_at__gte=since, received_at__lte=at), "received_at")
    closed = _by_month(Request.objects.filter(closed_at__gte=since, closed_at__lte=at), "closed_at")
    came = Request.objects.filter(received_at__gte=since, received_at__lte=at)
    refused = Request.objects.filter(state=State.REFUSED, closed_at__gte=since, closed_at__lte=at)
    return Figures(
        months=[_month(first, received.get(first, {}), closed.get(first, {})) for first in firsts],
        kinds=_kinds(came),
        channels=[Part(title=str(Channel(code).label), number=n) for code, n in _counted(came, "channel")],
        refusals=[
            Part(title=str(NORMS[code]) if code in NORMS else code, number=n)
            for code, n in _counted(refused, "refusal_norm")
        ],
    )


def _by_month(requests: Any, field: str) -> dict[date, dict[str, Any]]:
    late = RequestClock.objects.filter(request=OuterRef("pk"), met_at__gt=F("due_at"))
    took = ExpressionWrapper(F("closed_at") - F("received_at"), output_field=DurationField())
    rows = (
        requests.annotate(month=TruncMonth(field, tzinfo=operator_zone()), is_late=Exists(late))
        .values("month")
        .annotate(
            number=Count("pk"),
            in_time=Count("pk", filter=Q(is_late=False)),
            took=Median(took, filter=Q(closed_at__isnull=False)),
            **{state.value: Count("pk", filter=Q(state=state)) for state in CLOSED_STATES},
        )
    )
    return {row["month"].astimezone(operator_zone()).date(): row for row in rows}


def _month(first: date, received: dict[str, Any], closed: dict[str, Any]) -> Month:
    took: timedelta | None = closed.get("took")
    return Month(
        first=first,
        received=received.get("number", 0),
        answered=closed.get("answered", 0),
        refused=closed.get("refused", 0),
        withdrawn=closed.get("withdrawn", 0),
        in_time=closed.get("in_time", 0),
        days=round(took.total_seconds() / _SECONDS_OF_A_DAY, 1) if took is not None else None,
    )


def _kinds(requests: Any) -> list[Part]:
    """A request of two kinds counts in both."""
    counted = Counter(kind for kinds in requests.values_list("kinds", flat=True) for kind in kinds)
    return [Part(title=str(RequestKind(code).short), number=number) for code, number in counted.most_common()]


def _counted(requests: Any, field: str) -> list[tuple[str, int]]:
    rows = requests.order_by().values(field).annotate(number=Count("pk")).order_by("-number", field)
    return [(row[field], row["number"]) for row in rows]
