import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Protocol

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request

from cookies.registry import registry
from operator_portal.testing.running import RunningPortal
from tests.factories.consent import publish
from tests.journeys.post import Post


class OpenBrowser(Protocol):
    def __call__(self, **options: Any) -> Page: ...


@pytest.fixture
def portal(running_portal: RunningPortal) -> RunningPortal:
    """With the profile applied, nobody there yet and no letter of somebody else's journey."""
    cache.clear()
    for letter in running_portal.mail.iterdir():
        letter.unlink(missing_ok=True)
    publish()
    return running_portal


@pytest.fixture
def address() -> str:
    """Of this journey alone: a letter of another one that comes late is never taken for ours."""
    return f"vera.{secrets.token_hex(3)}@example.org"


@pytest.fixture
def post(portal: RunningPortal) -> Post:
    return Post(portal.mail)


@pytest.fixture
def open_browser(portal: RunningPortal, new_context: Callable[..., BrowserContext]) -> Iterator[OpenBrowser]:
    """Somebody's browser, in Russian. It notes what no page of ours does: break a script, go against the policy of
    contents, ask another host."""
    trouble: list[str] = []
    contexts: list[BrowserContext] = []

    def open_one(**options: Any) -> Page:
        home = options.pop("base_url", portal.url)
        context = new_context(base_url=home, locale="ru-RU", timezone_id="Europe/Moscow", **options)
        contexts.append(context)
        page = context.new_page()
        _watch(page, home, trouble)
        return page

    yield open_one
    trouble += [f"unknown cookie {name}" for context in contexts for name in _unknown_cookies(context)]
    assert trouble == []


def _unknown_cookies(context: BrowserContext) -> list[str]:
    with suppress(Error):  # the journey has closed its browser
        return [name for cookie in context.cookies() if registry().find(name := cookie.get("name", "")) is None]
    return []


def _watch(page: Page, home: str, trouble: list[str]) -> None:
    def asked(request: Request) -> None:
        if not request.url.startswith((home, "data:", "blob:")):
            trouble.append(f"asked {request.url}")

    def said(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            trouble.append(message.text)

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: trouble.append(f"{page.url}: {error}"))
