"""From a rule and the moment a clock started to the day by which something must be done.

The law on personal data has no counting rule of its own; the Civil Code counts. A term starts on the day after the
event (article 191), a term in months ends on the day of the same number (192), one that would end on a day off ends on
the next working day (193), at 24:00 (194). Hours run through nights and days off. The clock starts on receipt, whenever
that is, on the date the operator's zone shows; not when staff open the message or have checked who wrote it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from law.calendar import ProductionCalendar
from law.rules import DeadlineRule, Kind, Unit, rule_on

_DAY: Final = timedelta(days=1)


class NoExtension(ValueError):
    """The law knows no second term for this rule."""


@dataclass(frozen=True, kw_only=True)
class DueDate:
    """`due_at` is the last moment of the term. `target_on` is what the operator asks of itself: never later than the
    law, and a working day where the term is counted in days. `counted_days` are the days of the term, in order; empty
    for hours, months and terms without length. `provisional` when a year without a decreed calendar was counted."""

    rule: DeadlineRule
    received_on: date
    due_on: date
    due_at: datetime
    target_on: date
    counted_days: tuple[date, ...]
    is_extended: bool
    provisional: bool

    def is_overdue(self, at: datetime) -> bool:
        return self.rule.kind == Kind.LATEST and at > self.due_at

    def may_be_extended(self, at: datetime) -> bool:
        """Once, and only while the first term still runs."""
        return self.rule.extension is not None and not self.is_extended and at <= self.due_at


@dataclass(frozen=True, kw_only=True)
class _Term:
    due_on: date
    target_on: date
    consulted_from: date
    counted_days: tuple[date, ...] = ()
    due_at: datetime | None = None
    needs_calendar: bool = True


def operator_zone() -> ZoneInfo:
    return ZoneInfo(settings.OPERATOR_TIME_ZONE)


def due(
    rule_id: str,
    received_at: datetime,
    *,
    tz: tzinfo | None = None,
    extended: bool = False,
    calendar: ProductionCalendar | None = None,
) -> DueDate:
    """Raises UnknownRule, RuleNotInForce, NoExtension; ValueError for a moment without a time zone."""
    if received_at.tzinfo is None:
        raise ValueError("the moment of receipt needs a time zone")
    local = received_at.astimezone(tz or operator_zone())
    rule = rule_on(rule_id, local.date())
    if extended and rule.extension is None:
        raise NoExtension(rule.id)
    amount = rule.amount + (rule.extension.amount if extended and rule.extension else 0)
    calendar = calendar or ProductionCalendar.current()
    term = _COUNT[rule.unit](rule, local, amount, calendar)
    return DueDate(
        rule=rule,
        received_on=local.date(),
        due_on=term.due_on,
        due_at=term.due_at or end_of_day(term.due_on, local.tzinfo),
        target_on=term.target_on,
        counted_days=term.counted_days,
        is_extended=extended,
        provisional=term.needs_calendar and _crosses_unconfirmed(term, calendar),
    )


def end_of_day(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time.max, tzinfo=zone)


def add_months(day: date, months: int) -> date:
    """The day of the same number so many months later, or that month's last day."""
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    last = (first.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY
    return first.replace(day=min(day.day, last.day))


def _working_days(rule: DeadlineRule, local: datetime, amount: int, calendar: ProductionCalendar) -> _Term:
    counted = calendar.working_days_after(local.date(), amount)
    return _Term(due_on=counted[-1], target_on=counted[-1], consulted_from=local.date() + _DAY, counted_days=counted)


def _calendar_days(rule: DeadlineRule, local: datetime, amount: int, calendar: ProductionCalendar) -> _Term:
    ends_on = local.date() + _DAY * amount
    return _rolled(rule, ends_on, calendar, counted_from=local.date() + _DAY)


def _months(rule: DeadlineRule, local: datetime, amount: int, calendar: ProductionCalendar) -> _Term:
    return _rolled(rule, add_months(local.date(), amount), calendar)


def _day_of_next_month(rule: DeadlineRule, local: datetime, amount: int, calendar: ProductionCalendar) -> _Term:
    return _rolled(rule, add_months(local.date().replace(day=1), 1).replace(day=amount), calendar)


def _rolled(
    rule: DeadlineRule, ends_on: date, calendar: ProductionCalendar, *, counted_from: date | None = None
) -> _Term:
    """Only a duty rolls to the next working day; what may start, or must be kept, keeps its own date."""
    rolls = rule.kind == Kind.LATEST
    due_on = calendar.working_day_from(ends_on) if rolls else ends_on
    days = (due_on - counted_from).days + 1 if counted_from else 0
    return _Term(
        due_on=due_on,
        target_on=calendar.working_day_until(ends_on) if rolls else ends_on,
        consulted_from=ends_on,
        counted_days=tuple(counted_from + _DAY * number for number in range(days)) if counted_from else (),
        needs_calendar=rolls,
    )


def _hours(rule: DeadlineRule, local: datetime, amount: int, calendar: ProductionCalendar) -> _Term:
    due_at = (local.astimezone(UTC) + timedelta(hours=amount)).astimezone(local.tzinfo)
    return _at(due_at)


def _immediate(rule: DeadlineRule, local: datetime, amount: int, calendar: ProductionCalendar) -> _Term:
    return _at(local)


def _at(moment: datetime) -> _Term:
    day = moment.date()
    return _Term(due_on=day, target_on=day, consulted_from=day, due_at=moment, needs_calendar=False)


def _before(rule: DeadlineRule, local: datetime, amount: int, calendar: ProductionCalendar) -> _Term:
    """The event itself is the limit: its eve is the last day to act, and the target the last working day until then."""
    eve = local.date() - _DAY
    return _Term(due_on=eve, target_on=calendar.working_day_until(eve), consulted_from=eve)


def _crosses_unconfirmed(term: _Term, calendar: ProductionCalendar) -> bool:
    first = min(term.consulted_from, term.target_on)
    return not all(calendar.is_confirmed(year) for year in range(first.year, term.due_on.year + 1))


_COUNT: Final[dict[Unit, Callable[[DeadlineRule, datetime, int, ProductionCalendar], _Term]]] = {
    Unit.WORKING_DAYS: _working_days,
    Unit.CALENDAR_DAYS: _calendar_days,
    Unit.MONTHS: _months,
    Unit.DAY_OF_NEXT_MONTH: _day_of_next_month,
    Unit.HOURS: _hours,
    Unit.IMMEDIATE: _immediate,
    Unit.BEFORE: _before,
}
