"""The log in charts: how much was done, for which purpose, by whom. From counts by day (tally.py)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from looks.columns import Column, Series
from processing_log import words
from processing_log.actors import ActorKind
from processing_log.models import Tally
from processing_log.operations import Operation
from processing_log.scopes import Scope

SHOWN: Final = 10
BY_DAY: Final = 31
BY_WEEK: Final = 26 * 7
READING: Final = frozenset({Operation.EXTRACT, Operation.USE, Operation.TRANSFER})


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`over_time` are columns of reads and changes; the others are bars, the longest first."""

    over_time: Sequence[Series]
    step: str
    operations: Sequence[tuple[str, int]]
    purposes: Sequence[tuple[str, int]]
    actors: Sequence[tuple[str, int]]
    total: int


def overview(scope: Scope, *, first: date, last: date) -> Overview:
    """Of whole days, both included, as far as the mandate goes."""
    first, last = _days(scope, first, last)
    rows = list(
        _within(scope, first, last).values_list(
            "day", "operation", "fact", "purpose", "actor_kind", "actor_id", "number"
        )
    )
    by_operation: Counter[str] = Counter()
    by_purpose: Counter[str] = Counter()
    by_actor: Counter[str] = Counter()
    by_day: Counter[tuple[date, int]] = Counter()
    for day, operation, _fact, purpose, kind, actor, number in rows:
        by_operation[operation] += number
        by_purpose[purpose] += number
        by_actor[f"{kind} {actor}"] += number
        by_day[day, _series_of(operation)] += number
    step, columns = _steps(first, last)
    return Overview(
        over_time=[_series(title, place, columns, by_day) for place, title in enumerate(_titles())],
        step=step,
        operations=_bars(by_operation, lambda code: words.of_operation(code) if code else _("facts without data")),
        purposes=_bars(by_purpose, words.of_purpose),
        actors=_bars(by_actor, _actor),
        total=by_operation.total(),
    )


def _within(scope: Scope, first: date, last: date) -> QuerySet[Tally]:
    rows = Tally.objects.filter(day__gte=first, day__lte=last)
    if scope.operations:
        rows = rows.filter(operation__in=scope.operations)
    if scope.purposes:
        rows = rows.filter(purpose__in=scope.purposes)
    if scope.categories:
        rows = rows.filter(categories__overlap=list(scope.categories))
    return rows


def _days(scope: Scope, first: date, last: date) -> tuple[date, date]:
    """A day that the mandate holds a part of is left out: the count would tell of the other part."""
    zone = ZoneInfo(settings.OPERATOR_TIME_ZONE)
    since = scope.since.astimezone(zone)
    opens = (
        since.date() if not any((since.hour, since.minute, since.second, since.microsecond)) else _after(since.date())
    )
    first = max(first, opens)
    if scope.until:
        last = min(last, scope.until.astimezone(zone).date() - timedelta(days=1))
    return first, last


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _titles() -> list[str]:
    return [pgettext("chart", "Reads"), pgettext("chart", "Changes")]


def _series_of(operation: str) -> int:
    if not operation:
        return 2
    return 0 if operation in READING else 1


def _steps(first: date, last: date) -> tuple[str, list[tuple[str, date, date]]]:
    """What a column stands for, and (label, first day, last day) of each."""
    number = (last - first).days + 1
    if number <= BY_DAY:
        days = [first + timedelta(days=place) for place in range(max(number, 0))]
        return _("Day"), [(f"{day:%d.%m}", day, day) for day in days]
    if number <= BY_WEEK:
        monday = first - timedelta(days=first.weekday())
        weeks = [monday + timedelta(weeks=place) for place in range((last - monday).days // 7 + 1)]
        return _("Week from"), [(f"{day:%d.%m}", day, day + timedelta(days=6)) for day in weeks]
    months = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    months = [month for month in months if first.replace(day=1) <= month <= last]
    ends = [(month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1) for month in months]
    return _("Month"), [(f"{month:%m.%y}", month, end) for month, end in zip(months, ends, strict=True)]


def _series(title: str, place: int, columns: list[tuple[str, date, date]], by_day: Counter[tuple[date, int]]) -> Series:
    def of(first: date, last: date) -> int:
        return sum(number for (day, each), number in by_day.items() if each == place and first <= day <= last)

    return Series(title=title, columns=[Column(label=label, value=of(first, last)) for label, first, last in columns])


def _bars(counted: Counter[str], name: Callable[[str], str]) -> list[tuple[str, int]]:
    common = counted.most_common()
    bars = [(name(code).capitalize() if code else name(code), number) for code, number in common[:SHOWN]]
    rest = sum(number for _code, number in common[SHOWN:])
    return [*bars, (_("all others"), rest)] if rest else bars


def _actor(code: str) -> str:
    kind, _space, actor = code.partition(" ")
    label = str(ActorKind(kind).label)
    if not actor:
        return label
    return f"{label} {actor if kind == ActorKind.SYSTEM else actor[:8]}"
