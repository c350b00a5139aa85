"""The desk opens on what is due."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client

from access.roles import Role
from law import clock
from operator_portal.templatetags import desk
from subject_requests.kinds import State
from tests.factories.accounts import make_user, sign_in
from tests.factories.subject_requests import make_request

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_due_board_shows_what_is_open_the_next_due_first() -> None:
    now = clock.now()
    later = make_request(received_at=now - DAY)
    sooner = make_request(received_at=now - 9 * DAY)
    make_request(received_at=now - 20 * DAY, state=State.ANSWERED)

    board = desk.due_board()

    assert [row.filed.pk for row in board["rows"]] == [sooner.pk, later.pk]


def test_due_board_draws_how_much_of_the_term_is_over() -> None:
    now = clock.now()
    make_request(received_at=now - 60 * DAY)
    make_request(received_at=now)

    overdue, fresh = desk.due_board()["rows"]

    assert (overdue.passed, fresh.passed) == (100, 1)


@pytest.mark.parametrize("rows", [1, 3])
def test_due_board_asks_the_database_the_same_number_of_times(rows: int, django_assert_num_queries: object) -> None:
    for _ in range(rows):
        make_request(received_at=clock.now())

    with django_assert_num_queries(3):  # type: ignore[operator]
        render_to_string("admin/due_board.html", desk.due_board())


def test_desk_opens_on_the_board_and_names_nobody(client: Client) -> None:
    filed = make_request(received_at=clock.now())
    sign_in(client, make_user(address="staff@example.org", role=Role.STAFF, last_name="Канарейкина"))

    page = client.get("/admin/").content.decode()

    assert filed.number in page
    assert "Канарейкина" not in page
    assert "s.invalid" not in page
