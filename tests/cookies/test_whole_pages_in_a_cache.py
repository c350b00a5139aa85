"""The portal behind something that keeps whole pages and gives the same one to everybody, whoever they are."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from playwright.sync_api import expect

from tests.cookies.visits import HOST, OURS, choose, is_asked, policy_of, text

ASKS = ".cookie-banner"


class KeepsWholePages:
    """Ruthless: looks at the path alone, strips what is one visitor's, and never asks twice. It obeys `no-store`."""

    kept: ClassVar[dict[str, bytes]] = {}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and (body := self.kept.get(request.path)):
            return HttpResponse(body)
        response = self.get_response(request)
        may_be_kept = "no-store" not in response.headers.get("Cache-Control", "") and not response.streaming
        if request.method == "GET" and response.status_code == 200 and may_be_kept:
            self.kept[request.path] = response.content
        return response


@pytest.fixture
def cached(counted: Any, settings: Any) -> dict[str, bytes]:
    """Inside of the gate and outside of everything else, where Django's own cache of pages stands too."""
    place = settings.MIDDLEWARE.index("cookies.middleware.CookieGateMiddleware") + 1
    ours = f"{__name__}.{KeepsWholePages.__name__}"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:place], ours, *settings.MIDDLEWARE[place:]]
    KeepsWholePages.kept.clear()
    return KeepsWholePages.kept


@pytest.mark.django_db
def test_everybody_gets_the_same_page_and_their_own_policy(cached):
    yes, no, nobody_yet = Client(), Client(), Client()
    choose(no, "refuse")
    choose(yes, "accept")

    pages = {text(client.get("/")) for client in (yes, no, nobody_yet)}

    assert len(pages) == 1
    assert "/" in cached
    assert [HOST in policy_of(client) for client in (yes, no, nobody_yet)] == [True, False, False]
    assert [is_asked(client) for client in (yes, no, nobody_yet)] == [False, False, True]


@pytest.mark.django_db
def test_page_that_was_made_for_whoever_said_yes_names_no_host_to_others(cached):
    yes, nobody_yet = Client(), Client()
    choose(yes, "accept", path="/privacy/cookies/")
    yes.get("/")
    assert "/" in cached

    assert HOST not in policy_of(nobody_yet)
    assert HOST in policy_of(yes)


@pytest.mark.django_db
def test_kept_page_has_nothing_of_whoever_came_first_and_its_forms_work_for_everybody(cached):
    first = Client().get("/")
    assert first.cookies == {}
    assert "csrfmiddlewaretoken" not in text(first)

    second = Client(enforce_csrf_checks=True)
    assert second.get("/").content == first.content
    chosen = second.post("/language/", {"language": "en", "next": "/"}, headers=OURS)
    assert (chosen.status_code, chosen.cookies["django_language"].value) == (302, "en")
    assert second.post("/looks/theme/", {"theme": "dark", "next": "/"}, headers=OURS).status_code == 302
    for elsewhere in ({"origin": "https://evil.example.com"}, {"sec-fetch-site": "cross-site"}):
        assert second.post("/language/", {"language": "ru"}, headers=elsewhere).status_code == 403
        assert second.post("/looks/theme/", {"theme": "light"}, headers=elsewhere).status_code == 403


def test_question_comes_and_goes_on_a_kept_page_without_a_script(cached, serve, launch):
    home = serve()
    chromium = launch()
    first = chromium.new_context(base_url=home, java_script_enabled=False).new_page()
    first.goto("/")
    expect(first.locator(ASKS)).to_be_visible()
    assert "/" in cached

    second = chromium.new_context(base_url=home, java_script_enabled=False).new_page()
    second.goto("/")
    expect(second.locator(ASKS)).to_be_visible()
    second.locator(f"{ASKS} button[value=refuse]").click()
    expect(second.locator(ASKS)).to_be_hidden()
    first.reload()
    expect(first.locator(ASKS)).to_be_visible()


def test_counter_counts_on_a_kept_page_and_stops(cached, serve, launch, yandex):
    page = launch().new_context(base_url=serve()).new_page()
    page.goto("/")
    with page.expect_response("**/watch/**"):
        page.locator(f"{ASKS} button[value=accept]").click()
    page.goto("/privacy/cookies/")
    page.wait_for_load_state("networkidle")
    page.locator("button[value=refuse]").click()
    asked = len(yandex.asked)

    page.goto("/", wait_until="networkidle")

    assert len(yandex.asked) == asked
    assert "/" in cached
