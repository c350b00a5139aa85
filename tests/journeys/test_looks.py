"""How pages behave in a real browser without a script and without a mouse. That each of them is whole is asked in
tests/architecture/test_pages.py."""

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser

from operator_portal.testing.running import RunningPortal
from tests.factories.accounts import make_user, sign_in

PHONE = 390


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
