"""Light, dark or as the device prefers: a form, a cookie, no script."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
DARK = "tokens-dark"


def test_theme_follows_the_device_until_one_is_chosen(client: Client) -> None:
    page = client.get("/").content.decode()

    assert 'media="screen and (prefers-color-scheme: dark)"' in page


def test_choose_theme_dark_applies_the_dark_tokens_always(client: Client) -> None:
    response = client.post("/looks/theme/", {"theme": "dark", "next": "/privacy/"})

    assert response["Location"] == "/privacy/"
    assert 'media="screen"' in client.get("/").content.decode()


def test_choose_theme_light_leaves_the_dark_tokens_out(client: Client) -> None:
    client.post("/looks/theme/", {"theme": "light"})

    assert DARK not in client.get("/").content.decode()


@pytest.mark.parametrize("theme", ["auto", "neon", ""])
def test_choose_theme_auto_or_unknown_forgets_the_choice(client: Client, theme: str) -> None:
    client.post("/looks/theme/", {"theme": "dark"})

    response = client.post("/looks/theme/", {"theme": theme})

    assert response.cookies["theme"].value == ""


def test_choose_theme_refuses_to_lead_elsewhere(client: Client) -> None:
    response = client.post("/looks/theme/", {"theme": "dark", "next": "https://elsewhere.example.org/"})

    assert response["Location"] == "/"


def test_choose_theme_is_not_done_by_a_link(client: Client) -> None:
    assert client.get("/looks/theme/?theme=dark").status_code == 405
