"""The desk opens on what is due."""

from datetime import timedelta

import pytest
from django.test import Client

from access.roles import Role
from law import clock
from tests.factories.accounts import make_user, sign_in
from tests.factories.subject_requests import make_request

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_desk_opens_on_the_board_and_names_nobody(client: Client) -> None:
    filed, late = make_request(received_at=clock.now()), make_request(received_at=clock.now() - 30 * DAY)
    sign_in(client, make_user(address="staff@example.org", role=Role.STAFF, last_name="Канарейкина"))

    page = client.get("/admin/").content.decode()

    assert "Due within a week" in page or "Срок в течение недели" in page
    assert filed.number not in page  # it is due later
    assert late.number in page
    assert "Overdue: 1" in page or "Просрочено: 1" in page
    assert "Канарейкина" not in page
    assert "s.invalid" not in page
