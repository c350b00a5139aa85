"""Another address, a forgotten password, the end of an account by its owner, a passkey: in a real browser, with the
letters that the portal really sends."""

import re

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from playwright.sync_api import Page, expect

from access.roles import Role
from accounts.models import User
from accounts.sessions import SessionStore
from personal_data.models import Subject
from tests.factories.accounts import make_user
from tests.journeys import acts
from tests.journeys.acts import says, show_again
from tests.journeys.second_factor import plug_in_key
from tests.journeys.words import follow, press, ru

pytestmark = pytest.mark.django_db(transaction=True)

STAFF = "staff@example.org"
OTHER_PASSWORD = "quill-rowan-thicket-7"


def later(page: Page) -> None:
    """As if the sign-in was long ago: before what cannot be taken back the portal asks once more who it is."""
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    session = SessionStore(session_key=key)
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**record, "at": record["at"] - 3600} for record in records]
    session.save()


def test_address_changes_after_a_confirmation_and_the_old_one_is_told(address, post, open_browser):
    new = f"new.{address}"
    make_user(address=address, first_name="Вера")
    vera = open_browser()
    acts.sign_in(vera, address)
    later(vera)

    vera.goto("/accounts/email/")
    vera.locator("[name=email]").last.fill(new)
    press(vera, "Change the address")
    show_again(vera)
    vera.locator("[name=email]").last.fill(new)
    press(vera, "Change the address")
    expect(vera.get_by_role("heading", name=ru("A change is waiting"))).to_be_visible()
    expect(vera.locator("main strong")).to_have_text(address)
    acts.confirm(vera, post, new)

    farewell = post.next(address)
    assert new not in farewell.raw.decode()
    vera.goto("/me/profile/")
    expect(vera.locator("main strong").first).to_have_text(new)
    stranger = open_browser()
    acts.sign_in(stranger, address)
    assert "/accounts/login/" in stranger.url
    acts.sign_in(stranger, new)
    stranger.wait_for_url("**/me/")


def test_forgotten_password_is_chosen_anew_and_signs_out_every_browser(address, post, open_browser):
    make_user(address=address)
    elsewhere = open_browser()
    acts.sign_in(elsewhere, address)
    elsewhere.wait_for_url("**/me/")
    vera = open_browser()

    vera.goto("/accounts/login/")
    vera.locator("a[href*='/password/reset/']").click()
    vera.locator("[name=email]").fill(address.upper())
    press(vera, "Send the link")
    says(vera, "Look into your mail")
    link = post.next(address).link
    vera.goto(link)
    vera.locator("[name=password1]").fill(OTHER_PASSWORD)
    vera.locator("[name=password2]").fill(OTHER_PASSWORD)
    press(vera, "Save the password")
    expect(vera.get_by_role("heading", name=ru("The password is changed"))).to_be_visible()

    elsewhere.goto("/me/")
    assert "/accounts/login/" in elsewhere.url
    acts.sign_in(elsewhere, address, OTHER_PASSWORD)
    elsewhere.wait_for_url("**/me/")
    stranger = open_browser()
    stranger.goto(link)
    says(stranger, "This link does not work any more")


def test_account_deleted_by_its_owner_is_blocked_at_once_and_leaves_a_receipt(address, post, open_browser):
    make_user(address=STAFF, role=Role.STAFF)
    make_user(address=address, first_name="Вера")
    elsewhere, vera = open_browser(), open_browser()
    acts.sign_in(elsewhere, address)
    elsewhere.wait_for_url("**/me/")
    acts.sign_in(vera, address)
    vera.wait_for_url("**/me/")
    reference = str(Subject.objects.get(kind="user").pk)

    later(vera)
    vera.goto("/me/delete/")
    follow(vera, "Go on")
    show_again(vera)
    press(vera, "Delete my account")
    expect(vera.get_by_role("heading", name=ru("Your account is deleted"))).to_be_visible()
    receipt = vera.locator("a[href*='/receipts/']").inner_text()

    assert post.next(address).link == receipt
    assert Subject.objects.get(pk=reference).blocked_at is not None
    for page in (vera, elsewhere):
        page.goto("/me/")
        assert "/accounts/login/" in page.url
        acts.sign_in(page, address)
        assert "/accounts/login/" in page.url
    vera.goto(receipt)
    expect(vera.get_by_role("heading", level=1)).to_contain_text(ru("Your data will be destroyed"))
    staff = open_browser()
    acts.sign_in(staff, STAFF)
    acts.set_up_app(staff)
    assert _status_of_opening_masks(staff, for_reason="fault") == 423
    assert _status_of_opening_masks(staff, for_reason="authority") == 200


def _status_of_opening_masks(page: Page, *, for_reason: str) -> int:
    user = User.objects.get(role=Role.USER)
    page.goto(f"/admin/accounts/user/{user.pk}/reveal/")
    page.locator("[name=reason]").select_option(for_reason)
    with page.expect_response(re.compile("/reveal/$")) as answer:
        press(page.locator("#content-main"), "Open the values")
    return answer.value.status


def test_passkey_is_added_and_opens_the_second_door(address, portal, open_browser):
    make_user(address=address)
    # An address in figures is no name that a key could belong to.
    vera = open_browser(base_url=portal.url.replace("127.0.0.1", "localhost"))
    vera.goto("/")
    plug_in_key(vera)
    acts.sign_in(vera, address)
    vera.wait_for_url("**/me/")

    vera.goto("/accounts/2fa/")
    follow(vera, "Add a passkey")
    vera.locator("[name=name]").select_option(label=ru("Security key"))
    press(vera, "Add")
    vera.wait_for_url(re.compile("/accounts/2fa/(?!webauthn/add)"))
    vera.goto("/accounts/2fa/webauthn/")
    expect(vera.get_by_role("row", name=ru("Security key"))).to_be_visible()

    acts.sign_out(vera)
    acts.sign_in(vera, address)
    vera.wait_for_url("**/accounts/2fa/authenticate/")
    vera.goto("/me/")
    assert "/me/" not in vera.url.partition("?")[0]
    press(vera, "Use a passkey")
    vera.wait_for_url("**/me/")
