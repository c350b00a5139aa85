from datetime import date, timedelta

import pytest

from law.calendar import ProductionCalendar
from law.calendar_years import CONFIRMED
from tests.law.decreed_years import MOVED, WORKING_DAYS, nth_after

CALENDAR = ProductionCalendar()
DAY = timedelta(days=1)


def test_table_of_the_tests_counts_as_many_working_days_as_the_decrees():
    counted = {year: sum(day.year == year for day in WORKING_DAYS) for year in MOVED}

    assert counted == {year: confirmed.working_days for year, confirmed in CONFIRMED.items()}


@pytest.mark.parametrize("number", [3, 7, 10, 15])
def test_term_from_every_day_of_thirteen_years_ends_where_an_independent_table_says(number):
    days = [date(2015, 1, 1) + DAY * offset for offset in range((date(2028, 1, 1) - date(2015, 1, 1)).days)]
    wrong = [
        (day, expected)
        for day in days
        if (expected := nth_after(day, number)) and CALENDAR.working_days_after(day, number)[-1] != expected
    ]

    assert wrong == []
