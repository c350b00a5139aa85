"""A person's own pages without a script, and without a mouse."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.accounts import make_user
from tests.journeys import acts
from tests.journeys.acts import PASSWORD, Person, says, show_again
from tests.journeys.words import follow, press, ru

pytestmark = pytest.mark.django_db(transaction=True)

LAST_NAME = "Ильина"
MOST_TABS = 90


# --- without a script ------------------------------------------------------------------------------------------------


def test_everything_a_person_needs_works_without_a_script(address, post, open_browser):
    vera = open_browser(java_script_enabled=False)

    acts.join(vera, post, Person(address=address, first_name="Вера", last_name=LAST_NAME))
    _edits_and_removes(vera)
    _decides_about_consents(vera)
    number = acts.ask(vera, "Что вы обо мне храните?")
    vera.goto("/me/requests/")
    expect(vera.get_by_role("row", name=number)).to_be_visible()
    assert _takes_a_copy(vera).endswith(".zip")
    _reads_in_english_and_in_the_dark(vera)
    _deletes_the_account(vera)
    acts.sign_in(vera, address)
    assert "/accounts/login/" in vera.url


def _edits_and_removes(page: Page) -> None:
    page.goto("/me/profile/")
    page.locator("[name=first_name]").fill("Вероника")
    page.locator("[name=last_name]").fill("")
    press(page, "Save")
    page.wait_for_url("**/me/profile/last_name/remove/")
    press(page, "Remove")
    page.goto("/me/")
    expect(page.get_by_text("Вероника", exact=True)).to_be_visible()
    expect(page.get_by_text(LAST_NAME, exact=True)).to_have_count(0)


def _decides_about_consents(page: Page) -> None:
    page.goto("/me/consents/surveys/")
    press(page, "I give this consent")
    press(page.locator("#consent-surveys"), "Withdraw the consent")
    expect(page.locator("#consent-surveys")).to_contain_text(ru("withdrawn", "consent"))


def _takes_a_copy(page: Page) -> str:
    page.goto("/me/download/")
    page.locator("main form button").click()
    show_again(page)
    with page.expect_download() as download:
        page.locator("main form button").click()
    return download.value.suggested_filename


def _reads_in_english_and_in_the_dark(page: Page) -> None:
    page.goto("/me/")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")


def _deletes_the_account(page: Page) -> None:
    page.goto("/me/delete/")
    follow(page, "Go on")
    press(page, "Delete my account")
    expect(page.get_by_role("heading", name=ru("Your account is deleted"))).to_be_visible()


# --- without a mouse -------------------------------------------------------------------------------------------------


def test_main_acts_are_done_by_the_keyboard_alone(address, open_browser):
    make_user(address=address, first_name="Вера")
    vera = open_browser()

    vera.goto("/accounts/login/")
    _skips_to_the_content(vera)
    _types_into(vera, "login", address)
    _types_into(vera, "password", PASSWORD)
    vera.keyboard.press("Enter")
    vera.wait_for_url("**/me/")

    _opens(vera, "/me/profile/")
    _types_into(vera, "first_name", "Вероника")
    _presses(vera, "Save")
    says(vera, "Your changes are saved.")
    expect(vera.locator("[name=first_name]")).to_have_value("Вероника")

    _opens(vera, "/me/consents/")
    _opens(vera, "/me/consents/surveys/")
    _presses(vera, "I give this consent")
    expect(vera.locator("#consent-surveys")).to_contain_text(ru("in force", "consent"))

    _opens(vera, "/me/requests/")
    _opens(vera, "/me/requests/new/")
    _tab_to(vera, "main [name=kinds]")
    vera.keyboard.press("Space")
    _types_into(vera, "text", "Что вы обо мне храните?")
    _presses(vera, "Send the request")
    vera.wait_for_url(re.compile("/me/requests/[0-9a-f-]{36}/$"))
    _opens_fold(vera)

    _presses(vera, "Sign out")
    vera.wait_for_url(re.compile(r"^https?://[^/]+/$"))
    vera.goto("/me/")
    assert "/accounts/login/" in vera.url


def _skips_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    first = page.locator(":focus")
    expect(first).to_have_attribute("href", "#main")
    expect(first).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1


def _tab_to(page: Page, wanted: str) -> None:
    """From the top of the page; whatever has the focus shows it."""
    page.locator("body").evaluate(
        "body => { document.activeElement?.blur(); window.getSelection()?.removeAllRanges(); }"
    )
    target = page.locator(wanted)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate_all("found => found.includes(document.activeElement)"):
            assert _shows_its_focus(page), f"{wanted} has the focus and does not look so"
            return
    raise AssertionError(f"{wanted} is not reached with {MOST_TABS} tabs")


def _shows_its_focus(page: Page) -> bool:
    return bool(
        page.locator(":focus").evaluate(
            "at => { const s = getComputedStyle(at);"
            " return (s.outlineStyle !== 'none' && s.outlineWidth !== '0px') || s.boxShadow !== 'none'; }"
        )
    )


def _types_into(page: Page, name: str, text: str) -> None:
    _tab_to(page, f"main [name={name}]")
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def _opens(page: Page, path: str) -> None:
    _tab_to(page, f"a[href='{path}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")


def _presses(page: Page, english: str) -> None:
    _tab_to(page, f"button:text-is('{ru(english)}')")
    page.keyboard.press("Space")


def _opens_fold(page: Page) -> None:
    _tab_to(page, "main summary")
    page.keyboard.press("Enter")
    expect(page.locator("main details[open] li").first).to_be_visible()
