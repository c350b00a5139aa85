"""The production calendars of 2015–2027 a second time, from the sources: article 112 of the Labour Code and, for each
year, what the Government's decree moved. Shares neither code nor data with the product."""

from bisect import bisect_right
from datetime import date, timedelta

HOLIDAYS = [*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)]
#: From which day off to which day; a Saturday that was not a holiday becomes a working day.
MOVED = {
    2015: ["01-03 01-09", "01-04 05-04"],
    2016: ["01-02 05-03", "01-03 03-07", "02-20 02-22"],
    2017: ["01-01 02-24", "01-07 05-08"],
    2018: ["01-06 03-09", "01-07 05-02", "04-28 04-30", "06-09 06-11", "12-29 12-31"],
    2019: ["01-05 05-02", "01-06 05-03", "02-23 05-10"],
    2020: ["01-04 05-04", "01-05 05-05"],
    2021: ["01-02 11-05", "01-03 12-31", "02-20 02-22"],
    2022: ["01-01 05-03", "01-02 05-10", "03-05 03-07"],
    2023: ["01-01 02-24", "01-08 05-08"],
    2024: ["01-06 05-10", "01-07 12-31", "04-27 04-29", "11-02 04-30", "12-28 12-30"],
    2025: ["01-04 05-02", "01-05 12-31", "02-23 05-08", "03-08 06-13", "11-01 11-03"],
    2026: ["01-03 01-09", "01-04 12-31"],
    2027: ["01-02 11-05", "01-03 12-31", "02-20 02-22"],
}
DAY = timedelta(days=1)


def _year(year: int) -> list[date]:
    holidays = {date(year, month, day) for month, day in HOLIDAYS}
    moved = {date.fromisoformat(f"{year}-{pair[:5]}"): date.fromisoformat(f"{year}-{pair[6:]}") for pair in MOVED[year]}
    off = set(holidays) | set(moved.values())
    for holiday in sorted(holidays):
        if holiday.month > 1 and holiday.isoweekday() > 5 and holiday not in moved:
            off.add(_next_weekday(holiday, off))
    working = {day for day in moved if day.isoweekday() > 5 and day not in holidays}
    days = (date(year, 1, 1) + DAY * number for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days))
    return [day for day in days if day in working or (day.isoweekday() <= 5 and day not in off)]


def _next_weekday(day: date, off: set[date]) -> date:
    while day.isoweekday() > 5 or day in off:
        day += DAY
    return day


WORKING_DAYS = [day for year in MOVED for day in _year(year)]


def nth_after(day: date, number: int) -> date | None:
    """None past the last year."""
    place = bisect_right(WORKING_DAYS, day) + number - 1
    return WORKING_DAYS[place] if place < len(WORKING_DAYS) else None
