from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import profiles
from law.deadlines import due
from profiles.schema import RetentionRule
from profiles.wording import Text
from retention.rules import rule_for
from retention.terms import term_of

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
WORDS = Text(ru="слова", en="words")


MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def rule(
    *, amount: int = 30, unit: Literal["calendar_days", "working_days", "months"] = "calendar_days"
) -> RetentionRule:
    return RetentionRule(
        code="r", trigger="r", amount=amount, unit=unit, action="destroy", law_rule="D12", norm=WORDS, title=WORDS
    )


def moscow(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=MOSCOW)


@pytest.mark.parametrize("started_at", [moscow(2026, 11, 20), moscow(2026, 11, 20, 23, 59)])
def test_thirty_days_count_from_the_day_after_whatever_the_hour(started_at: Any) -> None:
    term = term_of(rule(), started_at)

    assert term.destroy_on == date(2026, 12, 20)
    assert (term.due_at, term.late_at) == (moscow(2026, 12, 20), moscow(2026, 12, 21))


def test_day_of_the_event_is_the_one_the_operators_zone_shows() -> None:
    late_evening_in_utc = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)

    assert term_of(rule(), late_evening_in_utc).destroy_on == date(2026, 12, 21)


@pytest.mark.parametrize(
    ("started_on", "destroyed_on"),
    [
        (moscow(2028, 1, 30), date(2028, 2, 29)),  # a leap day
        (moscow(2027, 1, 30), date(2027, 3, 1)),
        (moscow(2026, 12, 31), date(2027, 1, 30)),  # over the year's end
    ],
)
def test_thirty_days_over_the_ends_of_months_and_years(started_on: Any, destroyed_on: Any) -> None:
    assert term_of(rule(), started_on).destroy_on == destroyed_on


def test_term_that_ends_on_a_day_off_does_not_move_on() -> None:
    term = term_of(rule(), moscow(2026, 11, 20))

    assert term.destroy_on.weekday() == 6


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25)])
def test_day_on_which_the_clocks_change_is_as_long_as_it_is(day: Any, hours: Any) -> None:
    started_at = datetime.combine(day - timedelta(days=30), datetime.min.time(), tzinfo=BERLIN)

    term = term_of(rule(), started_at, zone=BERLIN)

    assert term.destroy_on == day
    assert term.late_at.astimezone(UTC) - term.due_at.astimezone(UTC) == timedelta(hours=hours)


@pytest.mark.django_db
def test_term_in_working_days_passes_over_days_off() -> None:
    term = term_of(rule(amount=10, unit="working_days"), moscow(2026, 12, 30))

    assert term.destroy_on == date(2027, 1, 22)


def test_term_in_months_ends_on_the_day_of_the_same_number_or_the_last_one() -> None:
    assert term_of(rule(amount=1, unit="months"), moscow(2027, 1, 31)).destroy_on == date(2027, 2, 28)


def test_term_without_length_is_due_when_it_starts_and_not_before() -> None:
    started_at = moscow(2026, 11, 20, 15)

    term = term_of(rule(amount=0), started_at)

    assert (term.due_at, term.late_at) == (started_at, moscow(2026, 11, 21))


def test_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        term_of(rule(), datetime(2026, 11, 20))  # noqa: DTZ001


@pytest.mark.django_db
@settings(deadline=None)
@given(started_at=MOMENTS)
@pytest.mark.parametrize(
    "trigger",
    [
        "subscription_ended", "account_deleted", "consent_withdrawn", "staff_left", "purpose_reached", "contract_ended",
        "unlawful_found", "unneeded_proved",
    ],
)  # fmt: skip
def test_every_term_of_the_profile_ends_before_the_term_of_the_law(trigger: Any, started_at: Any) -> None:
    rule = rule_for(trigger)
    term = term_of(rule, started_at)

    assert started_at <= term.due_at < term.late_at
    assert term.late_at - timedelta(microseconds=1) <= due(rule.law_rule, started_at).due_at


def test_every_rule_for_people_has_a_trigger_that_finds_it() -> None:
    rules = [rule for rule in profiles.current().retention if rule.subject_kinds]

    assert [rule_for(rule.trigger) for rule in rules] == rules
