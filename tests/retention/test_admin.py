from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.roles import Role
from retention.destruction import destroy_due
from retention.models import Clock, Destruction, Run
from tests.factories.accounts import make_user, sign_in
from tests.factories.retention import DUE, ENDED, make_clock

pytestmark = pytest.mark.django_db

PAGES = ["clock", "destruction", "run"]


@pytest.fixture
def desk(client: Client) -> Any:
    with time_machine.travel(ENDED + timedelta(days=20), tick=False):
        yield sign_in(client, make_user(address="clerk@example.org", role=Role.STAFF))


def listed(name: str) -> str:
    return reverse(f"admin:retention_{name}_changelist")


def test_clocks_stand_in_the_order_in_which_they_are_due(desk: Client) -> None:
    later, sooner = make_clock(), make_clock(started_at=ENDED - timedelta(days=25))
    cancelled = make_clock(cancelled_at=ENDED + timedelta(days=1))

    text = desk.get(listed("clock")).content.decode()

    places = [text.index(str(clock.subject_id)[:8]) for clock in (sooner, later, cancelled)]
    assert places[0] < places[1]
    assert [word for word in ("просрочено", "через 10 дн.", "отменено") if word not in text] == []


@pytest.mark.parametrize(("state", "found"), [("late", 1), ("due", 1), ("running", 2), ("cancelled", 1)])
def test_clocks_are_filtered_by_state(desk: Client, state: str, found: Any) -> None:
    make_clock()
    make_clock(started_at=ENDED - timedelta(days=25))
    make_clock(cancelled_at=ENDED + timedelta(days=1))

    response = desk.get(listed("clock"), {"state": state})

    assert response.context["cl"].result_count == found


def test_records_and_runs_are_shown_and_hold_the_reference_only(desk: Client) -> None:
    clock = make_clock()
    destroy_due(DUE)

    pages = [desk.get(listed("destruction")), desk.get(listed("run"))]
    pages.append(desk.get(reverse("admin:retention_destruction_change", args=[Destruction.objects.get().pk])))
    pages.append(desk.get(reverse("admin:retention_run_change", args=[Run.objects.get().pk])))

    assert [page.status_code for page in pages] == [200] * 4
    assert "2026-000001" in pages[0].content.decode()
    assert "100 %" in pages[1].content.decode()
    assert str(clock.subject_id) in pages[2].content.decode()


@pytest.mark.parametrize("role", [Role.STAFF, Role.OFFICER, Role.ADMIN])
def test_nothing_can_be_changed_at_the_desk(client: Client, role: Role) -> None:
    desk = sign_in(client, make_user(address="other@example.org", role=role))
    clock = make_clock()

    assert desk.get(reverse("admin:retention_clock_add")).status_code == 403
    assert desk.get(reverse("admin:retention_clock_delete", args=[clock.pk])).status_code == 403
    assert desk.post(reverse("admin:retention_clock_change", args=[clock.pk]), {}).status_code == 403
    assert Clock.objects.get().cancelled_at is None


@pytest.mark.parametrize("name", PAGES)
def test_lists_take_the_same_queries_with_one_and_three_rows(desk: Client, name: str) -> None:
    make_clock()
    destroy_due(DUE)
    make_clock()
    desk.get(listed(name))
    one = queries(desk, name)
    for _ in range(2):
        make_clock()
        destroy_due(DUE)
        make_clock()

    assert queries(desk, name) == one


def queries(desk: Client, name: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert desk.get(listed(name)).status_code == 200
    return len(found)
