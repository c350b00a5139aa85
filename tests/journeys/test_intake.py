"""Somebody without an account asks, shows that the mailbox is theirs, and follows the request: in a real browser,
without scripts, with the letters that the portal really sends. What they wrote stands nowhere in the clear."""

import re
from email.message import EmailMessage

import pytest
from playwright.sync_api import expect

from law import clock
from subject_requests.intake import mail
from subject_requests.kinds import Identity
from subject_requests.models import Request
from tests.factories.accounts import make_user
from tests.factories.intake import PDF, make_picture
from tests.journeys.canaries import Canaries
from tests.journeys.test_nothing_leaks import Scanner
from tests.journeys.words import press, ru

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def scanner(portal, slot_database) -> Scanner:
    return Scanner(portal=portal, database=slot_database)


def test_stranger_asks_shows_the_mailbox_and_follows_the_request(address, post, open_browser):
    owner = make_user(address=address)
    vera = open_browser(java_script_enabled=False)

    vera.goto("/privacy/requests/new/")
    vera.locator("[name=text]").fill("Какие данные обо мне у вас есть?")
    press(vera, "Send the request")
    expect(vera.get_by_text(ru("Choose at least one; the words below may say the rest."))).to_be_visible()
    expect(vera.locator("[name=text]")).to_have_value("Какие данные обо мне у вас есть?")

    vera.locator("[name=kinds][value=access]").check()
    vera.locator("[name=address]").fill(address.upper())
    picture = {"name": "снимок.jpg", "mimeType": "image/jpeg", "buffer": make_picture()}
    vera.locator("[name=files]").set_input_files(
        [{"name": "скан.pdf", "mimeType": "text/html", "buffer": PDF}, picture]
    )
    press(vera, "Send the request")
    expect(vera.get_by_role("heading", name=ru("Your request is received"))).to_be_visible()
    expect(vera.get_by_text("Какие данные обо мне")).to_have_count(0)

    letter = post.next(address.upper())
    (link,) = re.findall(r"\S+/open/\S+", letter.text)
    vera.goto(link)
    press(vera, "Yes, it is mine: open it")
    expect(vera.get_by_text("Какие данные обо мне у вас есть?")).to_be_visible()
    filed = Request.objects.get()
    assert (filed.identity, filed.about_id) == (Identity.CODE, owner.subject_id)
    with vera.expect_download() as waiting:
        vera.get_by_role("link", name="скан.pdf").click()
    assert waiting.value.suggested_filename == "скан.pdf"

    vera.locator("[name=text]").fill("И откуда они у вас?")
    press(vera, "Send")
    expect(vera.get_by_text("И откуда они у вас?")).to_be_visible()
    press(vera, "Let this browser forget the request")
    expect(vera.get_by_text("И откуда они у вас?")).to_have_count(0)


def test_what_comes_in_from_outside_stands_nowhere_in_the_clear(open_browser, canaries, scanner, post):
    by_form, by_mail = canaries.address("form"), canaries.address("mail")
    vera = open_browser()
    vera.goto("/privacy/requests/new/")
    vera.locator("[name=kinds][value=access]").check()
    vera.locator("[name=text]").fill(canaries.both("words"))
    vera.locator("[name=address]").fill(by_form)
    vera.locator("[name=name]").fill(canaries.cyrillic("name"))
    vera.locator("[name=relation][value=client]").check()
    vera.locator("[name=company]").fill(canaries.latin("company"))
    file = {
        "name": f"{canaries.cyrillic('file')}.txt",
        "mimeType": "text/plain",
        "buffer": canaries.both("content").encode(),
    }
    vera.locator("[name=files]").set_input_files([file])
    press(vera, "Send the request")
    vera.goto(re.findall(r"\S+/open/\S+", post.next(by_form).text)[0])
    press(vera, "Yes, it is mine: open it")
    letter = EmailMessage()
    letter["From"], letter["Subject"] = f"{canaries.cyrillic('sender')} <{by_mail}>", canaries.both("subject")
    letter["Received"] = f"from {canaries.latin('machine')}"
    letter.set_content(canaries.both("letter"))
    letter.add_attachment(canaries.latin("enclosed").encode(), maintype="text", subtype="plain", filename="a.txt")
    now = clock.now()
    mail.take(bytes(letter), received_at=now, at=now)
    post.next(by_mail)

    report = scanner.everywhere(canaries.released)

    assert [finding for finding in report["findings"] if not finding["allowed"]] == []
    assert {canaries.released[finding["needle"] - 1] for finding in report["findings"]} == {by_form, by_mail}
