from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.calendar import ProductionCalendar
from law.deadlines import DueDate, NoExtension, add_months, due
from law.rules import RULES, Kind, RuleNotInForce, Unit, UnknownRule

MOSCOW = ZoneInfo("Europe/Moscow")
CALENDAR = ProductionCalendar()
UNZONED = datetime(2026, 11, 20, 12)  # noqa: DTZ001
moments = st.datetimes(datetime(2023, 3, 1), datetime(2027, 6, 1), timezones=st.just(MOSCOW))  # noqa: DTZ001


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def count(rule: str, received: str, *, extended: bool = False, zone: ZoneInfo = MOSCOW) -> DueDate:
    return due(rule, at(received, zone), tz=zone, extended=extended, calendar=CALENDAR)


# receipt, +3, +7, +10, +15 working days
VECTORS = [
    ("2025-10-30", "2025-11-05", "2025-11-11", "2025-11-14", "2025-11-21"),
    ("2025-10-31", "2025-11-06", "2025-11-12", "2025-11-17", "2025-11-24"),
    ("2026-04-29", "2026-05-05", "2026-05-12", "2026-05-15", "2026-05-22"),
    ("2026-11-03", "2026-11-09", "2026-11-13", "2026-11-18", "2026-11-25"),
    ("2026-11-20", "2026-11-25", "2026-12-01", "2026-12-04", "2026-12-11"),
    ("2026-11-21", "2026-11-25", "2026-12-01", "2026-12-04", "2026-12-11"),
    ("2026-11-22", "2026-11-25", "2026-12-01", "2026-12-04", "2026-12-11"),
    ("2026-11-23", "2026-11-26", "2026-12-02", "2026-12-07", "2026-12-14"),
    ("2026-12-21", "2026-12-24", "2026-12-30", "2027-01-13", "2027-01-20"),
    ("2026-12-30", "2027-01-13", "2027-01-19", "2027-01-22", "2027-01-29"),
    ("2027-02-12", "2027-02-17", "2027-02-24", "2027-03-01", "2027-03-09"),
    ("2027-02-19", "2027-02-25", "2027-03-03", "2027-03-09", "2027-03-16"),
]
BY_LENGTH = [("D08", False), ("D04", False), ("D01", False), ("D01", True)]


@pytest.mark.parametrize(
    ("received", "rule", "extended", "expected"),
    [
        (received, rule, extended, expected)
        for received, *ends in VECTORS
        for (rule, extended), expected in zip(BY_LENGTH, ends, strict=True)
    ],
)
def test_working_days_end_where_the_calendar_says(received, rule, extended, expected):
    found = count(rule, f"{received}T12:00", extended=extended)

    assert found.due_on == date.fromisoformat(expected)
    assert found.target_on == found.due_on
    assert found.due_at == datetime.combine(found.due_on, time.max, tzinfo=MOSCOW)
    assert len(found.counted_days) == {"D08": 3, "D04": 7, "D01": 15 if extended else 10}[rule]
    assert not found.provisional


def test_term_that_crosses_into_a_year_without_a_decree_is_provisional():
    found = count("D01", "2027-12-29T12:00")

    assert found.due_on == date(2028, 1, 20)
    assert found.provisional


def test_term_that_ends_within_the_last_confirmed_year_is_not_provisional():
    found = count("D01", "2027-12-16T12:00")

    assert found.due_on == date(2027, 12, 30)
    assert not found.provisional


def test_thirty_calendar_days_roll_to_the_next_working_day_and_aim_at_the_last_one_before():
    found = count("D13", "2026-11-20T12:00")

    assert found.due_on == date(2026, 12, 21)
    assert found.target_on == date(2026, 12, 18)
    assert (found.counted_days[0], found.counted_days[-1]) == (date(2026, 11, 21), date(2026, 12, 21))


def test_thirty_calendar_days_that_end_on_a_working_day_stay():
    found = count("D13", "2026-11-23T12:00")

    assert (found.due_on, found.target_on) == (date(2026, 12, 23), date(2026, 12, 23))
    assert len(found.counted_days) == 30


def test_thirty_calendar_days_into_the_january_holidays_end_after_them():
    found = count("D13", "2026-12-04T12:00")

    assert (found.due_on, found.target_on) == (date(2027, 1, 11), date(2026, 12, 30))
    assert not found.provisional


def test_thirty_calendar_days_into_a_year_without_a_decree_are_provisional():
    assert count("D13", "2027-12-10T12:00").provisional


@pytest.mark.parametrize(("rule", "expected"), [("D10", "2027-01-01T22:00"), ("D11", "2027-01-03T22:00")])
def test_hours_run_through_the_holidays(rule, expected):
    found = count(rule, "2026-12-31T22:00")

    assert found.due_at == at(expected)
    assert found.due_on == found.target_on == at(expected).date()
    assert found.counted_days == ()
    assert not found.provisional


def test_hours_are_hours_where_clocks_change():
    berlin = ZoneInfo("Europe/Berlin")

    found = count("D10", "2026-10-24T12:00", zone=berlin)

    assert found.due_at - at("2026-10-24T12:00", berlin).astimezone(UTC) == timedelta(hours=24)
    assert found.due_at == at("2026-10-25T11:00", berlin)


@pytest.mark.parametrize(
    ("received", "received_on", "due_on"),
    [
        ("2026-11-22T23:59:59", date(2026, 11, 22), date(2026, 12, 4)),
        ("2026-11-23T00:00:00", date(2026, 11, 23), date(2026, 12, 7)),
    ],
)
def test_midnight_of_the_operators_zone_parts_the_days(received, received_on, due_on):
    found = count("D01", received)

    assert (found.received_on, found.due_on) == (received_on, due_on)


def test_receipt_counts_in_the_operators_zone_whatever_zone_the_moment_is_written_in():
    moscow = at("2026-11-23T00:30")

    found = [due("D01", moscow.astimezone(zone), calendar=CALENDAR) for zone in (UTC, ZoneInfo("Asia/Vladivostok"))]

    assert [one.received_on for one in found] == [date(2026, 11, 23)] * 2
    assert found[0] == found[1]


def test_operator_in_another_zone_counts_by_its_own_midnight():
    moment = at("2026-11-22T20:00")

    found = due("D01", moment, tz=ZoneInfo("Asia/Vladivostok"), calendar=CALENDAR)

    assert found.received_on == date(2026, 11, 23)
    assert found.due_at.astimezone(MOSCOW) < datetime.combine(found.due_on, time(17), tzinfo=MOSCOW)


def test_receipt_on_the_leap_day_counts_like_any_other():
    assert count("D01", "2024-02-29T12:00").due_on == date(2024, 3, 15)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2024-02-29", 36, "2027-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-11-22", 12, "2027-11-22"),
    ],
)
def test_months_end_on_the_same_number_or_the_last_day(day, months, expected):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_six_months_roll_over_a_day_off():
    found = count("D15", "2026-11-22T12:00")

    assert (found.due_on, found.target_on) == (date(2027, 5, 24), date(2027, 5, 21))


def test_change_of_a_notified_fact_is_due_on_the_fifteenth_of_the_next_month():
    assert count("D23", "2026-11-22T12:00").due_on == date(2026, 12, 15)
    assert count("D23", "2026-12-01T12:00").due_on == date(2027, 1, 15)


def test_change_due_on_a_day_off_aims_at_the_working_day_before():
    found = count("D23", "2026-10-05T12:00")

    assert (found.due_on, found.target_on) == (date(2026, 11, 16), date(2026, 11, 13))


def test_immediate_is_due_at_the_moment_of_receipt():
    found = count("D16", "2026-11-21T03:00")

    assert found.due_at == at("2026-11-21T03:00")
    assert found.due_on == found.target_on == date(2026, 11, 21)


def test_before_an_event_means_by_its_eve():
    found = count("D22", "2026-11-23T12:00")

    assert (found.due_on, found.target_on) == (date(2026, 11, 22), date(2026, 11, 20))


def test_what_may_start_or_must_be_kept_does_not_roll():
    assert count("D03", "2026-11-20T12:00").due_on == date(2026, 12, 20)
    assert count("D27", "2026-11-22T12:00").due_on == date(2029, 11, 22)
    assert not count("D27", "2026-11-22T12:00").provisional


def test_request_of_before_the_amendment_counts_by_the_old_rule():
    old, new = count("D01", "2022-08-31T23:59"), count("D01", "2022-09-01T00:00")

    assert (old.rule.unit, old.due_on) == (Unit.CALENDAR_DAYS, date(2022, 9, 30))
    assert (new.rule.unit, new.due_on) == (Unit.WORKING_DAYS, date(2022, 9, 15))


def test_extension_is_refused_where_the_law_knows_none():
    with pytest.raises(NoExtension):
        count("D04", "2026-11-20T12:00", extended=True)


def test_extension_is_possible_once_and_only_until_the_term_ends():
    first, second = count("D01", "2026-12-30T12:00"), count("D01", "2026-12-30T12:00", extended=True)

    assert first.may_be_extended(at("2027-01-22T23:59:59"))
    assert not first.may_be_extended(at("2027-01-23T00:00"))
    assert not second.may_be_extended(at("2027-01-14T12:00"))
    assert not count("D04", "2026-12-30T12:00").may_be_extended(at("2026-12-30T13:00"))


def test_term_is_over_only_after_the_last_moment_of_its_day():
    found = count("D01", "2026-11-20T12:00")

    assert not found.is_overdue(at("2026-12-04T23:59:59"))
    assert found.is_overdue(at("2026-12-05T00:00"))
    assert not count("D27", "2026-11-20T12:00").is_overdue(at("2035-01-01T00:00"))


def test_unknown_rule_and_moment_without_zone_are_refused():
    with pytest.raises(UnknownRule):
        count("D99", "2026-11-20T12:00")
    with pytest.raises(ValueError, match="time zone"):
        due("D01", UNZONED, calendar=CALENDAR)


def test_rule_is_refused_before_it_was_in_force():
    with pytest.raises(RuleNotInForce):
        count("D10", "2022-08-31T12:00")


def test_day_entered_by_the_operator_moves_the_due_date():
    calendar = ProductionCalendar(overrides={date(2026, 11, 24): False})

    found = due("D01", at("2026-11-20T12:00"), tz=MOSCOW, calendar=calendar)

    assert found.due_on == date(2026, 12, 7)


@given(
    rule=st.sampled_from(sorted(RULES)),
    received=moments,
)
def test_no_target_is_later_than_the_law_and_no_duty_ends_on_a_day_off(rule, received):
    found = due(rule, received, tz=MOSCOW, calendar=CALENDAR)

    assert found.target_on <= found.due_on
    if found.rule.kind == Kind.LATEST and found.rule.unit not in (Unit.HOURS, Unit.IMMEDIATE, Unit.BEFORE):
        assert CALENDAR.is_working_day(found.due_on)
        assert found.due_at > received


@given(
    rule=st.sampled_from(sorted(RULES)),
    received=moments,
    later=st.timedeltas(timedelta(0), timedelta(days=60)),
)
def test_what_came_later_is_never_due_earlier(rule, received, later):
    first = due(rule, received, tz=MOSCOW, calendar=CALENDAR)
    second = due(rule, received + later, tz=MOSCOW, calendar=CALENDAR)

    assert first.due_at <= second.due_at
    assert first.target_on <= second.target_on
