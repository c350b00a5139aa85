"""Every page of a portal full of demo people, under the eyes of those for whom it is: in Russian on a phone and in
English on a desk, by day and by night."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext

from operator_portal.testing.running import RunningPortal
from tests.architecture.eyes import Eyes
from tests.architecture.seeded import AT_THE_SECOND_DOOR, GUARDED, VIEWERS, Seeded, seed

WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
#: Language, width, theme, and what axe looks at besides contrast. By night only the colours differ.
APPEARANCES: Final = (("ru", 390, "light", WCAG), ("en", 1440, "dark", ()))
#: By theme, in which colours text was readable; the same over all the pages.
READABLE: Final[dict[str, set[str]]] = {theme: set() for _language, _width, theme, _tags in APPEARANCES}


@pytest.fixture(scope="module")
def seeded(
    django_db_setup: None, django_db_blocker: Any, slot_database: Any, portal_processes: RunningPortal
) -> Iterator[Seeded]:
    with seed(slot_database, django_db_blocker) as found:
        yield found


def window(browser: Browser, home: str, key: str | None, *, language: str, width: int, theme: Any) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    cookies = {settings.LANGUAGE_COOKIE_NAME: language} | ({settings.SESSION_COOKIE_NAME: key} if key else {})
    context.add_cookies([{"name": name, "value": value, "url": home} for name, value in cookies.items()])
    return context


@pytest.mark.parametrize("who", [*VIEWERS, GUARDED, AT_THE_SECOND_DOOR])
def test_every_page_is_whole_in_both_languages(who, seeded, portal_processes, browser):
    home = portal_processes.url
    faults: list[str] = []
    links: set[str] = set()
    for language, width, theme, tags in APPEARANCES:
        context = window(browser, home, seeded.cookies.get(who), language=language, width=width, theme=theme)
        eyes = Eyes.open(context, home, language, readable=READABLE[theme])
        for visit in seeded.visits[who]:
            found = eyes.faults_of(visit.path, status=visit.status, tags=tags, links=links)
            faults += [f"{language} {visit.path}: {fault}" for fault in found]
        context.close()

    assert faults + list(dead_links(links, home)) == []


def dead_links(links: set[str], home: str) -> Iterator[str]:
    """Addresses of ours that no page answers. Files of the tree are the web server's."""
    for link in sorted(links):
        path = urlsplit(link).path
        if link.startswith(home) and not path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            try:
                match = resolve(path)
            except Resolver404:
                yield f"a link leads nowhere: {path}"
                continue
            if match.route.endswith("(?P<url>.*)$"):
                yield f"a link leads nowhere: {path}"


def test_there_are_pages_to_look_at(seeded):
    assert {who: len(visits) > 3 for who, visits in seeded.visits.items()} == {
        **dict.fromkeys((*VIEWERS, GUARDED), True),
        AT_THE_SECOND_DOOR: False,
    }
