"""How pages look and behave in a real browser: nothing refused by the policy for content, nothing wider than a phone,
nothing that a screen reader stumbles over, and all of it without a script."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from access.roles import Role
from operator_portal.testing.running import RunningPortal
from tests.factories.accounts import make_user, sign_in

PHONE, DESK = 390, 1440
OPEN_PAGES = (
    "/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/privacy/",
    "/privacy/cookies/",
    "/privacy/recipients/",
    "/privacy/protection/",
    "/no-such-page/",
)
OWN_PAGES = (
    "/me/",
    "/me/profile/",
    "/me/consents/",
    "/me/requests/",
    "/me/requests/new/",
    "/me/log/",
    "/me/download/",
    "/me/sessions/",
    "/me/subscription/",
    "/me/delete/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
)
DESK_PAGES = (
    "/admin/",
    "/admin/subject_requests/request/",
    "/admin/accounts/user/",
    "/admin/billing/subscription/",
    "/admin/billing/subscription/add/",
    "/admin/retention/clock/",
)
AUDIT_PAGES = ("/audit/",)
SERIOUS = {"serious", "critical"}


@pytest.fixture(autouse=True)
def _database_beside_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread; the test's own queries do not run in it."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


class Visitor:
    """A browser window that notes what the browser complained about."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page: Page = context.new_page()
        self.url = url
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note_foreign(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "status of 404" not in text:
            self.complaints.append(text)

    def _note_foreign(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.complaints.append(f"asked for {url}")

    def look_at(self, path: str) -> list[str]:
        self.page.goto(self.url + path)
        faults = [f"{path}: {complaint}" for complaint in self.complaints]
        self.complaints.clear()
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if too_wide > 0:
            faults.append(f"{path}: {too_wide} pixels wider than the window")
        return faults

    def check_access(self, path: str) -> list[str]:
        violations: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        self.complaints.clear()  # axe adds style elements of its own, which the policy refuses
        return [
            f"{path}: {found['id']} at {[node['target'] for node in found['nodes']][:3]}"
            for found in violations
            if found["impact"] in SERIOUS
        ]


def visitor(
    browser: Browser, portal: RunningPortal, *, width: int, theme: Any, language: str, user: Any = None
) -> Visitor:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    cookies = {settings.LANGUAGE_COOKIE_NAME: language}
    if user:
        cookies[settings.SESSION_COOKIE_NAME] = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": name, "value": value, "url": portal.url} for name, value in cookies.items()])
    return Visitor(context, portal.url)


#: Each width, theme and language once with the other two; axe looks at each theme once.
APPEARANCES = ((PHONE, "light", "ru", True), (DESK, "dark", "en", True), (PHONE, "dark", "en", False))


def faults_of(browser: Browser, portal: RunningPortal, paths: tuple[str, ...], user: Any = None) -> list[str]:
    faults = []
    for width, theme, language, with_axe in APPEARANCES:
        window = visitor(browser, portal, width=width, theme=theme, language=language, user=user)
        for path in paths:
            found = window.look_at(path) + (window.check_access(path) if with_axe else [])
            faults += [f"{width} {theme} {language} {fault}" for fault in found]
        window.page.context.close()
    return faults


def test_pages_open_to_all_look_right(running_portal: RunningPortal, browser: Browser) -> None:
    assert faults_of(browser, running_portal, OPEN_PAGES) == []


def test_a_persons_own_pages_look_right(running_portal: RunningPortal, browser: Browser) -> None:
    assert faults_of(browser, running_portal, OWN_PAGES, make_user(first_name="Анна")) == []


def test_the_desk_looks_right(running_portal: RunningPortal, browser: Browser) -> None:
    assert faults_of(browser, running_portal, DESK_PAGES, make_user(role=Role.STAFF)) == []


def test_the_auditors_pages_look_right(running_portal: RunningPortal, browser: Browser) -> None:
    assert faults_of(browser, running_portal, AUDIT_PAGES, make_user(role=Role.AUDITOR)) == []


def test_theme_and_language_are_changed_without_a_script(running_portal: RunningPortal, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme="light", locale="ru-RU")
    page = context.new_page()
    page.goto(running_portal.url + "/privacy/cookies/")

    page.get_by_role("button", name="Тёмное").click()
    page.get_by_role("button", name="English").click()

    assert page.url == running_portal.url + "/privacy/cookies/"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator('button[name="theme"][value="dark"]').get_attribute("aria-pressed") == "true"
    assert page.locator('link[href*="tokens-dark"]').get_attribute("media") == "screen"


def test_folded_menu_of_a_phone_opens_without_a_script(running_portal: RunningPortal, browser: Browser) -> None:
    user = make_user()
    context = browser.new_context(java_script_enabled=False, viewport={"width": PHONE, "height": 800}, locale="ru-RU")
    session = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": running_portal.url}])
    page = context.new_page()
    page.goto(running_portal.url + "/me/")

    page.locator("details.side-menu > summary").click()
    page.locator("details.side-menu").get_by_role("link", name="Профиль").click()

    assert page.url == running_portal.url + "/me/profile/"


def test_skip_link_is_the_first_stop_of_the_keyboard(running_portal: RunningPortal, browser: Browser) -> None:
    page = browser.new_context(locale="ru-RU").new_page()
    page.goto(running_portal.url + "/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
