from datetime import date

from law.checks import calendar_warnings, rule_warnings


def test_next_years_calendar_is_not_asked_for_before_november():
    assert [warning.id for warning in calendar_warnings(date(2027, 10, 31))] == []


def test_next_years_calendar_is_asked_for_from_november():
    (warning,) = calendar_warnings(date(2027, 11, 1))

    assert warning.id == "law.W001"
    assert "2028" in warning.msg


def test_confirmed_calendar_warns_nobody():
    assert list(calendar_warnings(date(2026, 11, 22))) == []


def test_this_years_calendar_is_asked_for_all_year():
    assert [warning.id for warning in calendar_warnings(date(2028, 1, 1))] == ["law.W001"]


def test_published_amendment_is_announced_three_months_ahead():
    assert [warning.id for warning in rule_warnings(date(2026, 11, 30))] == []
    assert [warning.id for warning in rule_warnings(date(2026, 12, 1))] == ["law.W002"]


def test_rule_that_ends_without_a_successor_is_announced():
    assert "law.W003" in [warning.id for warning in rule_warnings(date(2029, 1, 1))]
