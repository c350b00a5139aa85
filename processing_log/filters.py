"""Which events somebody asks for: the same question on the auditor's pages, in their downloads and in `export_log`."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from processing_log import numbers
from processing_log.models import Event
from processing_log.scopes import Scope

FIRST_DAY: Final = date(2000, 1, 1)
NOT_EQUAL: Final = ("since", "until", "category", "reference", "within")
LAST_DAY: Final = date(2199, 12, 31)


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """What is empty is not asked for. `since` is within the period, `until` is not. `reference` is the number of an act
    or a request, as it stands in the reason. `within` is the limit of an auditor, which no question goes beyond."""

    since: datetime | None = None
    until: datetime | None = None
    subject: UUID | None = None
    actor_kind: str = ""
    actor_id: str = ""
    operation: str = ""
    purpose: str = ""
    fact: str = ""
    category: str = ""
    reference: str = ""
    id: int | None = None
    within: Scope | None = None

    def events(self) -> QuerySet[Event]:
        period: dict[str, Any] = {"at__gte": self.since, "at__lt": self.until}
        period |= {"categories__contains": [self.category] if self.category else None}
        wanted = {**period, **{name: value for name, value in self._asked().items() if name not in NOT_EQUAL}}
        events = Event.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
        if self.reference:
            events = events.filter(numbers.events_of(self.reference))
        return self.within.narrow(events) if self.within else events

    @property
    def is_everything(self) -> bool:
        return not self._asked()

    @property
    def is_a_period(self) -> bool:
        """Whether the moment of an event says all about whether it is asked for."""
        more = self._asked().keys() - {"since", "until", "within"}
        return not more and not (self.within and self.within.is_narrow)

    @property
    def asks_for_categories(self) -> bool:
        return bool(self.category or (self.within and self.within.categories))

    @property
    def period(self) -> tuple[datetime | None, datetime | None]:
        """What was asked for, as far as the limit goes."""
        since, until = self.since, self.until
        if self.within:
            since = max(self.within.since, since or self.within.since)
            until = min(filter(None, (self.within.until, until)), default=None)
        return since, until

    def in_codes(self, *, with_typed: bool) -> str:
        """For the log's own entry about a reading. What somebody typed goes in only where it was met in the log, and so
        is known to be a code: `with_typed`."""
        typed = ("actor_id", "purpose", "fact", "category", "reference")
        shown = {
            name: value if with_typed or name not in typed else "?"
            for name, value in self._asked().items()
            if name != "within"
        }
        return " ".join(f"{name}={_code(value)}" for name, value in shown.items())

    def _asked(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value not in (None, "")}


def beginning_of(day: date) -> datetime:
    """A day of the operator's: its first moment."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.OPERATOR_TIME_ZONE))


def end_of(day: date) -> datetime:
    """The first moment that is no longer within the day."""
    return beginning_of(day + timedelta(days=1))


def _code(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
