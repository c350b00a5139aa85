from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.calendar import ProductionCalendar
from law.calendar_years import CONFIRMED
from law.models import CalendarDayOverride

DAY = timedelta(days=1)
CALENDAR = ProductionCalendar()
days = st.dates(date(2015, 1, 1), date(2027, 11, 1))


def working_days(calendar: ProductionCalendar, year: int) -> int:
    numbers = range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    return sum(calendar.is_working_day(date(year, 1, 1) + DAY * number) for number in numbers)


@pytest.mark.parametrize("year", CONFIRMED.values(), ids=lambda year: str(year.year))
def test_confirmed_year_has_as_many_working_days_as_its_decree(year):
    assert working_days(CALENDAR, year.year) == year.working_days


def test_every_confirmed_year_names_its_source():
    assert [year for year in CONFIRMED.values() if not year.source.startswith("https://")] == []


@pytest.mark.parametrize(
    "saturday",
    [
        "2016-02-20",
        "2018-04-28",
        "2018-06-09",
        "2018-12-29",
        "2021-02-20",
        "2022-03-05",
        "2024-04-27",
        "2024-11-02",
        "2024-12-28",
        "2025-11-01",
        "2027-02-20",
    ],
)
def test_working_saturday_is_a_working_day(saturday):
    day = date.fromisoformat(saturday)

    assert day.isoweekday() == 6
    assert CALENDAR.is_working_day(day)


@pytest.mark.parametrize(
    "day_off",
    [
        "2025-05-02",
        "2025-05-08",
        "2025-06-13",
        "2025-11-03",
        "2025-12-31",
        "2026-01-09",
        "2026-03-09",
        "2026-05-11",
        "2026-12-31",
        "2027-02-22",
        "2027-11-05",
        "2027-12-31",
    ],
)
def test_moved_day_off_is_not_a_working_day(day_off):
    assert not CALENDAR.is_working_day(date.fromisoformat(day_off))


def test_weekday_after_a_holiday_moved_elsewhere_is_a_working_day():
    assert CALENDAR.is_working_day(date(2025, 2, 24))
    assert CALENDAR.is_working_day(date(2025, 3, 10))


def test_leap_day_is_an_ordinary_day():
    assert CALENDAR.is_working_day(date(2024, 2, 29))
    assert CALENDAR.nth_working_day(date(2024, 2, 28), 1) == date(2024, 2, 29)
    assert not CALENDAR.is_working_day(date(2020, 2, 29))


def test_year_without_a_decree_is_not_confirmed():
    assert [year for year in range(2013, 2030) if not CALENDAR.is_confirmed(year)] == [2013, 2014, 2028, 2029]


def test_override_makes_a_day_off_of_a_working_day():
    calendar = ProductionCalendar(overrides={date(2026, 11, 24): False})

    assert calendar.nth_working_day(date(2026, 11, 23), 1) == date(2026, 11, 25)


def test_override_makes_a_working_day_of_a_day_off():
    calendar = ProductionCalendar(overrides={date(2026, 11, 28): True})

    assert calendar.nth_working_day(date(2026, 11, 27), 1) == date(2026, 11, 28)


def test_nth_working_day_counts_back_with_a_negative_number():
    assert CALENDAR.nth_working_day(date(2027, 1, 13), -1) == date(2027, 1, 12)
    assert CALENDAR.nth_working_day(date(2027, 1, 11), -1) == date(2026, 12, 30)


def test_nth_working_day_of_zero_is_the_day_itself_or_the_next_working_day():
    assert CALENDAR.nth_working_day(date(2026, 11, 20), 0) == date(2026, 11, 20)
    assert CALENDAR.nth_working_day(date(2026, 11, 21), 0) == date(2026, 11, 23)


def test_days_between_are_the_ones_a_term_would_count():
    assert CALENDAR.working_days_between(date(2026, 12, 30), date(2027, 1, 22)) == 10
    assert CALENDAR.working_days_between(date(2026, 11, 20), date(2026, 11, 22)) == 0
    assert CALENDAR.working_days_between(date(2026, 11, 20), date(2026, 11, 20)) == 0


def test_same_days_are_answered_whichever_year_is_asked_first():
    """The library fills years when asked; ours may not depend on the order."""
    late, early = ProductionCalendar(), ProductionCalendar()

    assert late.is_working_day(date(2027, 2, 20))
    assert early.is_working_day(date(2016, 2, 20))
    assert late.is_working_day(date(2016, 2, 20))
    assert early.is_working_day(date(2027, 2, 20))


@given(day=days, number=st.integers(1, 40))
def test_more_working_days_end_later(day, number):
    assert CALENDAR.nth_working_day(day, number) < CALENDAR.nth_working_day(day, number + 1)


@given(day=days, number=st.integers(1, 40))
def test_a_later_start_never_ends_earlier(day, number):
    assert CALENDAR.nth_working_day(day, number) <= CALENDAR.nth_working_day(day + DAY, number)


@given(day=days, number=st.integers(1, 40))
def test_counting_back_undoes_counting_from_a_working_day(day, number):
    start = CALENDAR.working_day_from(day)

    assert CALENDAR.nth_working_day(CALENDAR.nth_working_day(start, number), -number) == start


@given(day=days, number=st.integers(1, 40))
def test_counted_days_are_working_days_in_order_and_end_at_the_nth(day, number):
    counted = CALENDAR.working_days_after(day, number)

    assert len(counted) == number
    assert counted[-1] == CALENDAR.nth_working_day(day, number)
    assert list(counted) == sorted(set(counted))
    assert all(CALENDAR.is_working_day(one) for one in counted)
    assert counted[0] > day


@pytest.mark.django_db
def test_current_calendar_follows_the_days_the_operator_entered():
    CalendarDayOverride.objects.create(date=date(2026, 11, 24), working=False, source="Decree of the region, No. 1")

    assert not ProductionCalendar.current().is_working_day(date(2026, 11, 24))


@pytest.mark.django_db
def test_current_calendar_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        ProductionCalendar.current().nth_working_day(date(2026, 12, 30), 15)
