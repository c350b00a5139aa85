from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, connection, transaction

from law import clock, clock_installation
from law.models import FURTHEST_SHIFT, ClockShift
from operator_portal.database import as_owner

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
A_MOMENT = timedelta(seconds=10)


def portal_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT portal_now()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)
    return now


@time_machine.travel(NOW, tick=False)
def test_now_is_utc_and_needs_no_database_outside_the_demo():
    assert clock.now() == NOW
    assert clock.now().tzinfo is UTC


def test_move_is_refused_outside_the_demo():
    with pytest.raises(clock.ClockMovesInTheDemoOnly):
        clock.move(by=DAY)


@pytest.mark.django_db
def test_database_refuses_to_move_the_clock_of_a_real_portal(settings):
    settings.DEMO = True

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        clock.move(by=DAY)

    settings.DEMO = False
    assert portal_now() - clock.now() < A_MOMENT


def test_move_forward_is_followed_by_python_and_by_the_database(demo_clock):
    before = clock.now()

    moved_to = clock.move(by=31 * DAY)

    assert moved_to - before - 31 * DAY < A_MOMENT
    assert clock.shift() == 31 * DAY
    assert abs(portal_now() - clock.now()) < A_MOMENT


def test_moves_add_up_in_one_row(demo_clock):
    clock.move(by=DAY)
    clock.move(by=DAY)

    assert [row.shift for row in ClockShift.objects.all()] == [2 * DAY]


def test_move_to_a_moment_arrives_there(demo_clock):
    moment = clock.now() + 40 * DAY

    assert clock.move(to=moment) - moment < A_MOMENT


def test_move_back_or_too_far_is_refused(demo_clock):
    clock.move(by=DAY)

    with pytest.raises(clock.ClockMovesForwardOnly):
        clock.move(by=-DAY)
    with pytest.raises(clock.TooFar):
        clock.move(by=FURTHEST_SHIFT)
    assert clock.shift() == DAY


def test_move_needs_one_of_moment_and_span(demo_clock):
    with pytest.raises(TypeError):
        clock.move()
    with pytest.raises(TypeError):
        clock.move(to=NOW, by=DAY)


def test_another_process_is_followed_within_a_second(demo_clock, monkeypatch):
    monkeypatch.setattr(clock, "monotonic", lambda: 100.0)
    assert clock.shift() == timedelta(0)
    ClockShift.objects.create(shift=DAY)

    monkeypatch.setattr(clock, "monotonic", lambda: 101.1)

    assert clock.shift() == DAY


def test_shift_is_asked_once_a_second(demo_clock, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(clock, "monotonic", lambda: 100.0)

    with django_assert_num_queries(1):
        for _ in range(3):
            clock.now()


@pytest.mark.parametrize("row", [{"id": 2, "shift": DAY}, {"shift": -DAY}, {"shift": FURTHEST_SHIFT + DAY}])
def test_database_refuses_a_second_clock_one_that_runs_back_and_one_too_far_ahead(demo_clock, row):
    with pytest.raises(IntegrityError):
        ClockShift.objects.create(**row)


def test_migrating_a_former_demo_takes_the_moved_clock_away(demo_clock, settings):
    """As the owner of the tables, who is the one that migrates."""
    clock.move(by=DAY)
    settings.DEMO = False

    with as_owner():
        clock_installation.settle(using="default")

    assert list(ClockShift.objects.all()) == []
    assert portal_now() - clock.now() < A_MOMENT
    with pytest.raises(ProgrammingError, match="permission denied"):
        ClockShift.objects.create(shift=DAY)


def test_clock_of_a_real_portal_does_not_read_the_shift(as_table_owner):
    as_table_owner.execute("INSERT INTO law_clockshift (id, shift) VALUES (1, '1 day')")

    assert portal_now() - clock.now() < A_MOMENT


@pytest.mark.django_db
def test_database_refuses_a_calendar_day_without_source():
    from law.models import CalendarDayOverride

    with pytest.raises(IntegrityError, match="calendar_day_override_names_its_source"):
        CalendarDayOverride.objects.create(date=NOW.date(), working=False, source="")
