"""The desk finds a choice by its number."""

import pytest
from django.test import Client

from access.roles import Role
from cookies.models import CookieChoice
from tests.cookies.visits import choose, only_choice, text
from tests.factories.accounts import make_user, sign_in

pytestmark = pytest.mark.django_db

LIST = "/admin/cookies/cookiechoice/"


@pytest.fixture
def staff() -> Client:
    client = Client(headers={"accept-language": "en"})
    sign_in(client, make_user(address="staff@example.org", role=Role.STAFF), second_factor=True)
    return client


def test_desk_finds_a_choice_by_the_number_that_somebody_quotes(counted, client, staff):
    choose(client, "accept")
    choose(Client(), "refuse")
    row = accepted_choice()

    found = text(staff.get(LIST, {"q": str(row.consent_id)}))

    assert str(row.consent_id) in found
    assert "In all: 1" in found
    page = text(staff.get(f"{LIST}{row.pk}/change/"))
    assert "mc.yandex.ru" in page
    assert "Cookie-файлы: выбираете вы" in page


def accepted_choice() -> CookieChoice:
    return CookieChoice.objects.get(accepted=["analytics"])


@pytest.mark.parametrize("term", ["7", "nobody@example.org", "%"])
def test_desk_finds_nothing_by_part_of_a_number(counted, client, staff, term):
    choose(client, "accept")

    assert str(only_choice().consent_id) not in text(staff.get(LIST, {"q": term}))


def test_desk_has_no_such_list_where_there_is_nothing_to_choose(staff):
    assert LIST not in text(staff.get("/admin/"))


def test_desk_has_the_list_where_there_is_something_to_choose(counted, staff):
    assert LIST in text(staff.get("/admin/"))
