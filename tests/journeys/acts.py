"""What people do on the portal, page by page, as a browser sees it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.journeys.post import Post
from tests.journeys.second_factor import App
from tests.journeys.words import press, ru

PASSWORD = "meadow-lantern-otter-41"


@dataclass(frozen=True, kw_only=True)
class Person:
    address: str
    last_name: str = ""
    first_name: str = ""
    patronymic: str = ""
    password: str = PASSWORD


def until(condition: Callable[[], bool], *, what: str, seconds: float = 60) -> None:
    """For what happens outside of a browser."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} seconds"
        time.sleep(0.1)


def says(page: Page, english: str, context: str = "", **values: object) -> None:
    """A message after an act, a heading, a sentence: visible, whatever tag it stands in."""
    expect(page.get_by_text(ru(english, context, **values)).first).to_be_visible()


# --- in and out ------------------------------------------------------------------------------------------------------


def sign_up(page: Page, person: Person) -> None:
    page.goto("/accounts/signup/")
    for name in ("last_name", "first_name", "patronymic"):
        page.locator(f"[name={name}]").fill(getattr(person, name))
    page.locator("[name=email]").fill(person.address)
    page.locator("[name=password1]").fill(person.password)
    page.locator("[name=policy_read]").check()
    press(page, "Create an account")
    says(page, "Look into your mail")


def confirm(page: Page, post: Post, address: str) -> None:
    """Follows the link of the letter, and presses the button behind it."""
    page.goto(post.next(address).link)
    press(page, "Confirm")


def sign_in(page: Page, address: str, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(address)
    page.locator("[name=password]").fill(password)
    press(page.locator("main"), "Sign in")


def join(page: Page, post: Post, person: Person) -> None:
    """A new account, confirmed, and its owner signed in."""
    sign_up(page, person)
    confirm(page, post, person.address)
    page.wait_for_url("**/me/consents/")


def sign_out(page: Page) -> None:
    press(page.locator("header"), "Sign out")
    page.wait_for_url("**/")


def show_again(page: Page, password: str = PASSWORD) -> None:
    """Who it is, where the portal asks once more."""
    page.wait_for_url("**/accounts/reauthenticate/**")
    page.locator("[name=password]").fill(password)
    press(page, "Confirm")


# --- second factor ---------------------------------------------------------------------------------------------------


def set_up_app(page: Page) -> App:
    page.goto("/accounts/2fa/totp/activate/")
    app = App(secret=page.locator("main code").inner_text())
    page.locator("[name=code]").fill(app.code())
    press(page, "Switch on")
    page.wait_for_url("**/accounts/2fa/**")
    return app


def enter_code(page: Page, app: App) -> None:
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    page.locator("[name=code]").fill(app.code())
    press(page.locator("main"), "Sign in")


# --- requests --------------------------------------------------------------------------------------------------------


def ask(page: Page, text: str, *, kind: str = "access") -> str:
    """Files a request; its number."""
    page.goto("/me/requests/new/")
    page.locator(f"[name=kinds][value={kind}]").check()
    page.locator("[name=text]").fill(text)
    press(page, "Send the request")
    page.wait_for_url("**/me/requests/*-*/")
    return page.locator("nav.crumbs [aria-current=page]").inner_text()


def open_at_desk(page: Page, number: str) -> None:
    page.goto("/admin/subject_requests/request/")
    page.get_by_role("link", name=number).click()


def take(page: Page, number: str) -> None:
    open_at_desk(page, number)
    press(page, "Take the request")
    says(page, "The request is yours now.")


def answer(page: Page, text: str) -> None:
    page.locator("form[action$='/answer/'] [name=text]").fill(text)
    page.locator("form[action$='/answer/'] [type=submit]").click()
