"""The Russian production calendar: which days count as working when the law says "working days"."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Self

from law.calendar_years import CONFIRMED
from law.models import CalendarDayOverride

_DAY: Final = timedelta(days=1)


@lru_cache(maxsize=64)
def _working_days(year: int) -> frozenset[date]:
    """Asks the library once per year and keeps only dates: it fills years lazily, which is not safe between threads,
    and its holiday names follow the language of the process. Never `in`: that misses working Saturdays."""
    import holidays  # when the first working day is asked for: most processes never do

    library = holidays.country_holidays("RU", years=year, expand=False)
    days = (date(year, 1, 1) + _DAY * number for number in range(366))
    return frozenset(day for day in days if day.year == year and library.is_working_day(day))


class ProductionCalendar:
    """The library's table, and above it the operator's own days."""

    def __init__(
        self, *, overrides: Mapping[date, bool] | None = None, confirmed: Collection[int] = CONFIRMED.keys()
    ) -> None:
        self._overrides = dict(overrides or {})
        self._confirmed = frozenset(confirmed)

    @classmethod
    def current(cls) -> Self:
        """The calendar with the days that the operator has entered; one query."""
        return cls(overrides=dict(CalendarDayOverride.objects.values_list("date", "working")))

    def is_confirmed(self, year: int) -> bool:
        """Whether the year's transfers are decreed. Without a decree the library silently answers too many days."""
        return year in self._confirmed

    def is_working_day(self, day: date) -> bool:
        override = self._overrides.get(day)
        return day in _working_days(day.year) if override is None else override

    def nth_working_day(self, day: date, number: int) -> date:
        """The number-th working day after `day` (before it, if negative); `day` itself is not counted. With 0, `day`
        or the next working day."""
        if number == 0:
            return self.working_day_from(day)
        step = 1 if number > 0 else -1
        for _ in range(abs(number)):
            day = self._nearest(day + _DAY * step, step)
        return day

    def working_days_after(self, day: date, number: int) -> tuple[date, ...]:
        """The days that are counted for a term of `number` working days."""
        return tuple(self._walk(day, number))

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days there are after `after`, up to and with `until`."""
        return sum(self.is_working_day(after + _DAY * number) for number in range(1, (until - after).days + 1))

    def working_day_from(self, day: date) -> date:
        """`day`, or the first working day after it."""
        return self._nearest(day, 1)

    def working_day_until(self, day: date) -> date:
        """`day`, or the last working day before it."""
        return self._nearest(day, -1)

    def _walk(self, day: date, number: int) -> Iterator[date]:
        for _ in range(number):
            day = self.working_day_from(day + _DAY)
            yield day

    def _nearest(self, day: date, step: int) -> date:
        while not self.is_working_day(day):
            day += _DAY * step
        return day
