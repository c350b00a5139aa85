"""The whole story of one person, on the real services and in a real browser: from signing up to the auditor's file."""

import csv
import io
import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from access.roles import Role
from accounts.models import User
from billing.days import today
from law import clock
from personal_data.models import Subject
from profiles import current
from tests.factories.accounts import make_user
from tests.journeys import acts
from tests.journeys.acts import Person, says
from tests.journeys.post import Post
from tests.journeys.second_factor import App
from tests.journeys.words import follow, press, ru

VERA = Person(address="vera.ilina@example.org", last_name="Ильина", first_name="Вера", patronymic="Павловна")
STAFF, AUDITOR = "staff@example.org", "auditor@example.org"
QUESTION = "Кому вы показывали мои данные прошлой осенью?"
ANSWER = "Никому, кроме сотрудника, который отвечает на это обращение."

#: What an auditor must find of the story, as (operation, fact), each by whom.
STEPS = {
    ("collect", "account_opened", "user"),
    ("record", "", "user"),
    ("", "policy_acknowledged", "user"),
    ("clarify", "", "user"),
    ("", "consent_shown", "user"),
    ("", "consent_asked", "user"),
    ("", "consent_given", "stranger"),
    ("", "consent_withdrawn", "user"),
    ("", "request_filed", "user"),
    ("", "request_taken", "staff"),
    ("extract", "", "staff"),
    ("", "request_answered", "staff"),
    ("", "found_by_address", "staff"),
    ("", "subscription_opened", "staff"),
    ("", "subscription_ended", "staff"),
    ("", "clock_started", "staff"),
    ("destroy", "subject_destroyed", "system"),
}


@pytest.mark.django_db(transaction=True)
def test_from_signing_up_to_the_auditors_file(portal, post, open_browser):
    make_user(address=STAFF, role=Role.STAFF)
    make_user(address=AUDITOR, role=Role.AUDITOR)
    vera = open_browser()

    acts.join(vera, post, VERA)
    changes_her_name(vera)
    removes_her_patronymic(vera)
    gives_and_withdraws_a_consent(vera, post)
    number = acts.ask(vera, QUESTION)
    expect_letter_without_a_word_of(post, QUESTION)

    staff = open_browser()
    staff_enters_for_the_first_time(staff)
    staff_answers(staff, number)

    expect_letter_without_a_word_of(post, ANSWER)
    reads_the_answer(vera, number)
    sees_who_opened_it(vera, number)

    reference = staff_enters_a_subscription_that_ended_thirty_days_ago(staff)
    receipt = notes_her_receipt(vera)
    expect(vera.get_by_text(ru("term runs"), exact=True)).to_be_visible()
    portal.start_beat()
    is_destroyed(vera, receipt)
    cannot_sign_in_any_more(vera)
    opens_the_receipt_without_an_account(open_browser(), receipt)

    auditor = open_browser()
    auditor_enters(auditor)
    assert auditor_exports(auditor, reference) >= STEPS
    nobody_can_be_found_any_more(staff, reference)


# --- the person ------------------------------------------------------------------------------------------------------


def changes_her_name(page: Page) -> None:
    page.goto("/me/profile/")
    page.locator("[name=first_name]").fill("Вероника")
    press(page, "Save")
    says(page, "Your changes are saved.")
    page.goto("/me/")
    expect(page.get_by_text("Вероника", exact=True)).to_be_visible()
    expect(page.get_by_text("Вера", exact=True)).to_have_count(0)


def removes_her_patronymic(page: Page) -> None:
    field = next(field for field in current().fields if field.code == "patronymic")
    page.goto("/me/profile/")
    page.locator("a[href$='/patronymic/remove/']").click()
    expect(page.get_by_text(VERA.patronymic, exact=True)).to_be_visible()
    expect(page.get_by_text(field.consequence.in_language("ru"))).to_be_visible()
    press(page, "Remove")
    says(page, "Removed: %(what)s", what=field.label.in_language("ru"))
    page.goto("/me/profile/")
    expect(page.locator("[name=patronymic]")).to_have_value("")
    expect(page.locator("[name=last_name]")).to_have_value(VERA.last_name)


def gives_and_withdraws_a_consent(page: Page, post: Post) -> None:
    page.goto("/me/consents/")
    page.locator("main a[href='/me/consents/advertising/']").click()
    press(page, "I give this consent")
    says(page, "One step is left: we have sent you a mail. The consent counts when you follow the link in it.")
    page.goto(post.next(VERA.address).link)
    press(page, "I confirm this consent")
    says(page, "The consent is in force")
    page.goto("/me/consents/")
    press(page.locator("#consent-advertising"), "Withdraw the consent")
    says(page, "Your consent is withdrawn. From now on your data is not used for this purpose.")
    expect(page.locator("#consent-advertising")).to_contain_text(ru("withdrawn", "consent"))


def reads_the_answer(page: Page, number: str) -> None:
    page.goto("/me/requests/")
    expect(page.get_by_role("row", name=number)).to_contain_text(ru("answered", "request"))
    page.get_by_role("link", name=number).click()
    expect(page.get_by_text(ANSWER)).to_be_visible()
    expect(page.get_by_text(QUESTION)).to_be_visible()


def sees_who_opened_it(page: Page, number: str) -> None:
    page.goto("/me/log/")
    follow(page, "Only people who work here")
    staff = User.objects.get(role=Role.STAFF)
    opened = page.locator("li", has_text=ru("Opened", "log")).filter(has_text=str(staff.pk)[:8])
    expect(opened.first).to_contain_text(ru("A member of staff"))
    expect(opened.first).to_contain_text(f"{ru('to answer a request')} {number}")


def notes_her_receipt(page: Page) -> str:
    page.goto("/me/subscription/")
    link = page.locator("a[href*='/receipts/']")
    address = link.get_attribute("href")
    assert address
    link.click()
    return address


def is_destroyed(page: Page, receipt: str) -> None:
    """Beat ends the subscription, starts the clock and destroys; the receipt says when it is done."""

    def done() -> bool:
        page.goto(receipt)
        return page.get_by_role("heading", level=1).inner_text().startswith(ru("Receipt of destruction"))

    acts.until(done, what="the destruction")
    person = Subject.objects.get(kind="user")
    assert person.destroyed_at is not None
    assert person.wrapped_key is None
    assert not User.objects.filter(role=Role.USER).exists()


def cannot_sign_in_any_more(page: Page) -> None:
    page.goto("/me/")
    assert "/accounts/login/" in page.url
    acts.sign_in(page, VERA.address)
    expect(page.get_by_role("alert").first).to_be_visible()
    assert "/accounts/login/" in page.url


def opens_the_receipt_without_an_account(page: Page, receipt: str) -> None:
    answer = page.goto(receipt)
    assert answer
    assert answer.status == 200
    expect(page.get_by_role("heading", level=1)).to_contain_text(ru("Receipt of destruction"))
    assert not any(value in page.content() for value in (VERA.address, VERA.last_name, "Вероника"))


# --- the operator's people -------------------------------------------------------------------------------------------


def staff_enters_for_the_first_time(page: Page) -> None:
    """Nothing opens before there is a second factor."""
    acts.sign_in(page, STAFF)
    page.wait_for_url("**/accounts/2fa/")
    page.goto("/admin/subject_requests/request/")
    page.wait_for_url("**/accounts/2fa/")
    follow(page, "Set up")
    app = App(secret=page.locator("main code").inner_text())
    page.locator("[name=code]").fill(app.code())
    press(page, "Switch on")
    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/admin/$"))


def staff_answers(page: Page, number: str) -> None:
    acts.open_at_desk(page, number)
    expect(page.get_by_text(QUESTION)).to_have_count(0)
    page.locator("[name=reason]").select_option("answer")
    press(page, "Open", "request")
    expect(page.get_by_text(QUESTION)).to_be_visible()
    acts.take(page, number)
    acts.answer(page, ANSWER)
    says(page, "The request is closed; the person is told.")


def staff_enters_a_subscription_that_ended_thirty_days_ago(page: Page) -> str:
    page.goto("/admin/accounts/user/find/")
    page.locator("[name=address]").fill(VERA.address)
    press(page.locator("#content-main"), "Find")
    reference = str(Subject.objects.get(kind="user").pk)
    expect(page.locator("main")).to_contain_text(reference)
    ended_on = today(clock.now()) - timedelta(days=30)
    page.goto("/admin/billing/subscription/add/")
    page.locator("[name=subject_reference]").fill(reference)
    page.locator("[name=starts_on]").fill(f"{ended_on - timedelta(days=60):%d.%m.%Y}")
    page.locator("[name=ends_on]").fill(f"{ended_on:%d.%m.%Y}")
    page.locator("[name=_save]").click()
    expect(page.locator("[name=ends_on]")).to_have_attribute("aria-invalid", "true")
    page.locator("[name=at_once]").check()
    page.locator("[name=_save]").click()
    expect(page).to_have_url(re.compile("/admin/billing/subscription/$"))
    return reference


def nobody_can_be_found_any_more(page: Page, reference: str) -> None:
    page.goto("/admin/accounts/user/find/")
    page.locator("[name=address]").fill(VERA.address)
    press(page.locator("#content-main"), "Find")
    says(page, "Nobody has this address.")
    page.goto("/admin/retention/destruction/")
    records = page.locator("#result_list tbody tr")
    expect(records).to_have_count(2)  # her patronymic, and in the end all of her
    for record in records.all():
        expect(record).to_contain_text(reference[:8])


# --- the auditor -----------------------------------------------------------------------------------------------------


def auditor_enters(page: Page) -> None:
    acts.sign_in(page, AUDITOR)
    app = acts.set_up_app(page)
    acts.sign_out(page)
    acts.sign_in(page, AUDITOR)
    acts.enter_code(page, app)
    expect(page).to_have_url(re.compile("/audit/$"))


def auditor_exports(page: Page, reference: str) -> set[tuple[str, str, str]]:
    """(operation, fact, by whom) of each event about one person, from the file."""
    page.locator("summary").click()
    page.locator("[name=subject]").fill(reference)
    press(page, "Show")
    expect(page.locator("table.grid-table")).to_contain_text(reference[:8])
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = download.value.path().read_text()
    assert not any(value in text for value in (VERA.address, VERA.last_name, "Вероника", QUESTION, ANSWER))
    events = list(csv.DictReader(io.StringIO(text)))
    assert {event["subject"] for event in events} == {reference}
    return {(event["operation"], event["fact"], event["actor_kind"]) for event in events}


# --- letters ---------------------------------------------------------------------------------------------------------


def expect_letter_without_a_word_of(post: Post, words: str) -> None:
    """It says where to look, and nothing about the person."""
    letter = post.next(VERA.address)
    assert "/me/requests/" in letter.link
    assert not any(value in letter.text for value in (words, VERA.last_name, "Вероника"))
