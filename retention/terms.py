"""From a retention rule and the moment its clock started to the day on which data is destroyed.

Counted as `law.deadlines` counts a duty (the day after the event is the first day, by the operator's zone), with one
difference: a term that ends on a day off does not move on. The policy promises days, and who keeps to the shorter term
keeps to the longer one too. See docs/destruction.md.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from law.calendar import ProductionCalendar
from law.deadlines import add_months, operator_zone
from profiles.schema import RetentionRule

_MONTHS: Final = {"months": 1, "years": 12}


@dataclass(frozen=True, kw_only=True)
class Term:
    """The data goes on the day `destroy_on`: not before `due_at`, its first moment, and before `late_at`, its 24:00."""

    destroy_on: date
    due_at: datetime
    late_at: datetime


def term_of(rule: RetentionRule, started_at: datetime, *, zone: ZoneInfo | None = None) -> Term:
    """Raises ValueError for a moment without a time zone."""
    if started_at.tzinfo is None:
        raise ValueError("the moment a clock starts needs a time zone")
    zone = zone or operator_zone()
    return _on(_last_day(rule, started_at.astimezone(zone).date()), started_at, zone)


def _on(destroy_on: date, started_at: datetime, zone: ZoneInfo) -> Term:
    return Term(
        destroy_on=destroy_on,
        due_at=max(_midnight(destroy_on, zone), started_at),
        late_at=_midnight(destroy_on + timedelta(days=1), zone),
    )


def term_of_months(months: int, started_at: datetime, *, zone: ZoneInfo | None = None) -> Term:
    """Of what is blocked first: so many months after the event."""
    zone = zone or operator_zone()
    return _on(add_months(started_at.astimezone(zone).date(), months), started_at, zone)


def _last_day(rule: RetentionRule, started_on: date) -> date:
    if months := _MONTHS.get(rule.unit):
        return add_months(started_on, rule.amount * months)
    if rule.unit == "working_days":
        return ProductionCalendar.current().nth_working_day(started_on, rule.amount)
    return started_on + timedelta(days=rule.amount)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
