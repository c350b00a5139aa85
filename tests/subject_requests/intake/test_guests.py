import re
import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications.tasks import send_due_mail
from personal_data.models import Subject, SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests.intake import guests, passes
from subject_requests.kinds import Channel, Identity, RequestKind, State
from subject_requests.models import Attachment, ForCustomer, GuestPass, Message, Representation, Request
from tests.factories.accounts import make_user
from tests.factories.answers import make_given_answer
from tests.factories.intake import HEIC, PDF, RECEIVED, make_guest_request, make_picture, upload
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.django_db
NEW = "/privacy/requests/new/"
KNOWN, UNKNOWN = "known@example.ru", "unknown@example.ru"
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(RECEIVED, tick=False) as traveller:
        yield traveller


def fields(**more: Any) -> dict[str, Any]:
    return {"kinds": ["access"], "text": "Какие данные?", "address": UNKNOWN, "relation": "own", **more}


def ask(client: Client, **more: Any) -> Any:
    return client.post(NEW, fields(**more), headers=ENGLISH)


def page_of(filed: Request) -> str:
    return f"/privacy/requests/{filed.number}/"


def mail_of(mailoutbox: list[Any]) -> tuple[str, str]:
    """The newest letter: its code and its link."""
    send_due_mail()
    body = mailoutbox[-1].body
    code, link = (
        re.search(r"\b\d{4} \d{4}\b", body),
        re.search(r"http://testserver(/privacy/requests/\S+/open/\S+/)", body),
    )
    assert code
    assert link
    return code.group(), link.group(1)


def text_of(response: Any) -> str:
    return str(response.content.decode())


# --- asking -----------------------------------------------------------------------------------------------------------


def test_new_files_a_request_whose_clock_runs_before_anybody_knows_who_asks(client):
    response = ask(client, kinds=["destruction", "stop_ads"])

    filed = Request.objects.get()
    assert response["Location"] == page_of(filed)
    assert (filed.channel, filed.identity, filed.received_at) == (Channel.GUEST, Identity.NONE, RECEIVED)
    assert filed.kinds == ["destruction", "stop_ads"]
    assert filed.clocks.count() == 3
    assert filed.subject.kind == SubjectKind.GUEST


def test_page_after_filing_says_number_and_day_and_nothing_that_was_written(client):
    page = text_of(client.get(ask(client)["Location"], headers=ENGLISH))

    filed = Request.objects.get()
    assert filed.number in page
    assert "4 December 2026" in page
    assert "Какие данные?" not in page
    assert UNKNOWN not in page


def test_new_keeps_what_was_typed_when_something_is_wrong(client):
    response = ask(client, address="no address", text="Мои слова", files=[upload()])

    page = text_of(response)
    assert "Мои слова" in page
    assert "choose the files again" in page
    assert not Request.objects.exists()


def test_new_says_of_each_file_why_it_was_not_taken(client, settings):
    settings.ATTACHMENTS_EACH_MB = 1
    files = [upload("large.pdf", PDF + bytes(1024 * 1024)), upload("me.heic", HEIC), upload("good.pdf")]

    page = text_of(ask(client, files=files))

    assert "“large.pdf” was not taken: the file is too large: at most 1 MB." in page
    assert "“me.heic” was not taken: pictures in Apple’s HEIC form" in page
    assert "good.pdf" not in page


def test_new_seals_files_with_the_request(client):
    ask(client, files=[upload("скан.pdf"), upload("me.jpg", make_picture()), upload("odd.xyz", b"\0\1")])

    rows = Attachment.objects.order_by("content").values_list("content", "is_opened")
    assert list(rows) == [("bin", False), ("jpeg", True), ("pdf", True)]


def test_new_pressed_twice_files_one_request(client):
    once = re.search(r'name="once" value="(\w+)"', text_of(client.get(NEW)))
    assert once

    first, second = (ask(client, once=once.group(1)) for _ in range(2))

    assert Request.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_new_too_often_keeps_the_words_and_names_another_way(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"guest_request": "1/h/ip"}
    ask(client)

    page = text_of(ask(client, text="Второе обращение"))

    assert Request.objects.count() == 1
    assert "Второе обращение" in page
    assert "write to us by mail" in page


def test_new_refuses_an_address_of_the_border(client):
    assert "cannot receive mail" in text_of(ask(client, address="abc@s.invalid"))


def test_new_works_without_cookies_of_a_visit_before():
    with_csrf = Client(enforce_csrf_checks=True)
    page = text_of(with_csrf.get(NEW))
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    assert token

    response = with_csrf.post(NEW, fields(csrfmiddlewaretoken=token.group(1)))

    assert response.status_code == 302


# --- nobody learns who is known ---------------------------------------------------------------------------------------


def test_new_does_the_same_for_a_known_and_an_unknown_address(mailoutbox):
    make_user(address=KNOWN)
    pages, queries = [], []
    ask(Client(), address="first@example.ru", kinds=["access", "stop_ads", "blocking"])  # what is loaded once is loaded
    for address in (KNOWN, UNKNOWN):
        visitor = Client()
        with CaptureQueriesContext(connection) as seen:
            response = ask(visitor, address=address, kinds=["access", "stop_ads", "blocking"])
        page = text_of(visitor.get(response["Location"], headers=ENGLISH))
        pages.append(re.sub(r"2026-\d{6}|value=\"\w{60,}\"", "", page))
        queries.append([re.sub(r"'[^']*'|\d+", "", query["sql"]) for query in seen])
    send_due_mail()

    assert pages[0] == pages[1]
    assert queries[0] == queries[1]
    assert len({re.sub(r"2026-\d{6}|\d{4} \d{4}|open/\S+", "", sent.body) for sent in mailoutbox[-2:]}) == 1
    assert not Request.objects.exclude(subject__kind=SubjectKind.GUEST).exists()


def test_new_takes_as_long_for_a_known_address_as_for_an_unknown_one(settings):
    settings.ACCOUNT_RATE_LIMITS = {}
    make_user(address=KNOWN)
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for number in range(14):
        for address in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
            began = time.perf_counter()
            ask(Client(), address=address)
            took[address].append(time.perf_counter() - began)

    known, unknown = (statistics.median(times[2:]) for times in took.values())
    assert 0.6 < known / unknown < 1.6


def test_door_of_a_number_that_is_not_there_is_the_same_page(client):
    filed = make_guest_request()

    there, not_there = (text_of(client.get(f"/privacy/requests/{number}/")) for number in (filed.number, "2026-999999"))

    assert re.sub(r"2026-\d{6}|value=\"\w{60,}\"", "", there) == re.sub(r"2026-\d{6}|value=\"\w{60,}\"", "", not_there)


def test_door_of_somebody_with_an_account_cannot_be_told_from_none(client):
    from tests.factories.subject_requests import make_request

    own = make_request()

    assert client.post(f"/privacy/requests/{own.number}/send/", {"address": KNOWN}).status_code == 302
    assert guests.of_number(own.number) is None


def test_send_mails_only_to_the_address_of_the_request(client, mailoutbox, noon):
    filed = make_guest_request(address=UNKNOWN)
    send_due_mail()
    noon.shift(timedelta(minutes=2))

    wrong = client.post(f"{page_of(filed)}send/", {"address": KNOWN}, follow=True)
    assert send_due_mail() == 0
    right = client.post(f"{page_of(filed)}send/", {"address": UNKNOWN.upper()}, follow=True)
    send_due_mail()

    assert len(mailoutbox) == 2
    tidy = re.compile(r"value=\"\w{60,}\"")
    assert tidy.sub("", text_of(wrong)) == tidy.sub("", text_of(right))


def test_send_fills_nobodys_mailbox(noon):
    filed = make_guest_request()
    for _ in range(10):
        noon.shift(timedelta(minutes=2))
        guests.send_again(number=filed.number, address="guest@example.ru", at=RECEIVED + timedelta(minutes=30))
    for _ in range(10):
        make_guest_request(at=RECEIVED + timedelta(minutes=40))

    assert GuestPass.objects.count() <= passes.MOST_A_DAY
    assert Request.objects.count() == 11


# --- showing that the mailbox is one's own ----------------------------------------------------------------------------


def test_code_opens_the_request_and_joins_it_to_the_person_who_is_held(client, mailoutbox):
    user = make_user(address=KNOWN)
    filed = make_guest_request(address=KNOWN)
    code, _link = mail_of(mailoutbox)

    response = client.post(f"{page_of(filed)}enter/", {"code": code}, follow=True)

    filed.refresh_from_db()
    assert (filed.identity, filed.about_id, filed.received_at) == (Identity.CODE, user.subject_id, RECEIVED)
    assert "Какие данные обо мне у вас есть?" in text_of(response)


def test_code_for_an_address_that_is_not_held_opens_no_more_than_the_request(client, mailoutbox):
    filed = make_guest_request()
    code, _link = mail_of(mailoutbox)

    client.post(f"{page_of(filed)}enter/", {"code": code.replace(" ", "")})

    filed.refresh_from_db()
    assert (filed.identity, filed.about_id) == (Identity.CODE, None)


def test_code_works_once_for_a_quarter_of_an_hour_and_dies_of_guesses(mailoutbox):
    filed = make_guest_request()
    code, _link = mail_of(mailoutbox)
    number = filed.number

    assert guests.enter_by_code(number=number, code=code, at=RECEIVED + passes.CODE_GOOD_FOR) is None
    for guess in range(passes.MOST_FAILURES - 1):
        assert guests.enter_by_code(number=number, code=f"{guess:08}", at=RECEIVED) is None
    assert guests.enter_by_code(number=number, code=code, at=RECEIVED) == filed
    assert guests.enter_by_code(number=number, code=code, at=RECEIVED) is None

    other = make_guest_request(address="other@example.ru")
    code, _link = mail_of(mailoutbox)
    for guess in range(passes.MOST_FAILURES):
        guests.enter_by_code(number=other.number, code=f"{guess:08}", at=RECEIVED)
    assert guests.enter_by_code(number=other.number, code=code, at=RECEIVED) is None


def test_newer_mail_ends_the_older_one(mailoutbox):
    filed = make_guest_request()
    old, _link = mail_of(mailoutbox)
    later = RECEIVED + timedelta(minutes=2)
    guests.send_again(number=filed.number, address="guest@example.ru", at=later)

    assert guests.enter_by_code(number=filed.number, code=old, at=later) is None


def test_link_changes_nothing_until_the_button_is_pressed(client, mailoutbox):
    filed = make_guest_request()
    _code, link = mail_of(mailoutbox)
    page = client.get(link, headers=ENGLISH)
    for _ in range(3):
        page = client.get(link, headers=ENGLISH)
        assert (page.status_code, page["Referrer-Policy"]) == (
            200,
            "same-origin",
        )  # "no-referrer" would spoil the button

    assert "Is this request yours?" in text_of(page)
    assert "Какие данные обо мне у вас есть?" not in text_of(page)
    filed.refresh_from_db()
    assert filed.identity == Identity.NONE
    opened = client.post(link, {"mine": "1"}, follow=True)
    assert "Какие данные обо мне у вас есть?" in text_of(opened)
    assert client.get(link).status_code == 410


def test_link_lets_the_owner_of_the_mailbox_say_that_somebody_else_has_asked(client, mailoutbox):
    filed = make_guest_request(kinds=(RequestKind.DESTRUCTION,))
    _code, link = mail_of(mailoutbox)

    page = client.post(link, {"not_mine": "1"}, headers=ENGLISH)

    filed.refresh_from_db()
    assert "taken back" in text_of(page)
    assert (filed.state, filed.identity) == (State.WITHDRAWN, Identity.NONE)


def test_link_of_one_request_opens_no_other(client, mailoutbox):
    make_guest_request()
    _code, link = mail_of(mailoutbox)
    other = make_guest_request(address="other@example.ru")

    assert client.get(re.sub(r"2026-\d+", other.number, link)).status_code == 410


def test_stranger_who_knows_the_number_sees_files_of_nobody(client):
    filed = make_guest_request()
    with processing("rights", actor=Actor.system("test")):
        from subject_requests.intake.attaching import Offered, attach, check

        (kept,) = attach(
            filed, check([Offered(name="a.pdf", content=PDF, size=len(PDF))], can_be_asked=True).taken, at=RECEIVED
        )

    assert client.get(f"{page_of(filed)}files/{kept.pk}/").status_code == 404
    assert client.post(f"{page_of(filed)}write/", {"text": "Чужое"}).status_code == 200
    assert Message.objects.filter(request=filed).count() == 1


def test_opened_request_takes_more_words_and_files_and_gives_files_back(client, mailoutbox):
    filed = make_guest_request()
    code, _link = mail_of(mailoutbox)
    client.post(f"{page_of(filed)}enter/", {"code": code})

    client.post(f"{page_of(filed)}write/", {"text": "Ещё вот что", "files": [upload("ещё.pdf")]})

    page = text_of(client.get(page_of(filed)))
    assert "Ещё вот что" in page
    assert "ещё.pdf" in page
    kept = Attachment.objects.get(request=filed)
    assert client.get(f"{page_of(filed)}files/{kept.pk}/").content == PDF


def test_opened_request_is_closed_to_the_browser_after_an_hour_and_by_a_button(client, mailoutbox, noon):
    filed = make_guest_request()
    code, _link = mail_of(mailoutbox)
    client.post(f"{page_of(filed)}enter/", {"code": code})
    assert "Какие данные обо мне" in text_of(client.get(page_of(filed)))

    noon.shift(timedelta(minutes=61))
    assert "Какие данные обо мне" not in text_of(client.get(page_of(filed)))

    noon.shift(-timedelta(minutes=61))
    client.post(f"{page_of(filed)}leave/")
    assert "Какие данные обо мне" not in text_of(client.get(page_of(filed)))


def test_request_of_somebody_destroyed_is_no_more_to_be_opened(mailoutbox):
    filed = make_guest_request()
    code, _link = mail_of(mailoutbox)
    Subject.objects.filter(pk=filed.subject_id).update(destroyed_at=RECEIVED, wrapped_key=None)

    assert guests.enter_by_code(number=filed.number, code=code, at=RECEIVED) is None


def test_answer_that_was_made_is_taken_by_whoever_has_opened_the_request(client, mailoutbox):
    number = make_given_answer(subject_id=make_subject(kind=SubjectKind.GUEST).pk).request.number
    assert client.post(f"/privacy/requests/{number}/answer/").status_code == 200  # the door
    inside_of(client, number)

    archive = client.post(f"/privacy/requests/{number}/answer/")

    assert archive.content.startswith(b"PK")
    assert archive["Content-Disposition"].startswith("attachment")


def inside_of(client: Client, number: str) -> None:
    session = client.session
    session["guest requests opened"] = {number: (RECEIVED + timedelta(days=400)).isoformat()}
    session.save()
    client.cookies["sessionid"] = str(session.session_key)


# --- for another person, and for a Customer's client ------------------------------------------------------------------

REPRESENTATIVE = {
    "is_representative": "on",
    "represented": "Крылова Ольга",
    "represented_address": KNOWN,
    "authority": "power_of_attorney",
}


def test_representative_needs_a_document(client):
    page = text_of(ask(client, **REPRESENTATIVE))

    assert "Needed when you ask for another person." in page
    assert not Request.objects.exists()


def test_representative_who_has_shown_a_mailbox_has_shown_nothing_about_the_other_person(client, mailoutbox):
    make_user(address=KNOWN)
    make_user(address=UNKNOWN)
    ask(client, **REPRESENTATIVE, authority_document=[upload("доверенность.pdf")])
    filed = Request.objects.get()
    code, _link = mail_of(mailoutbox)

    page = client.post(f"{page_of(filed)}enter/", {"code": code}, follow=True, headers=ENGLISH)

    filed.refresh_from_db()
    assert (filed.by_representative, filed.identity, filed.about, filed.may_disclose) == (
        True,
        Identity.NONE,
        None,
        False,
    )
    assert "Your document is being checked" in text_of(page)
    assert Attachment.objects.get().what == "authority"
    assert Representation.objects.get().authority == "power_of_attorney"


def test_client_of_a_customer_is_told_who_answers_and_the_request_waits_to_be_passed_on(client, mailoutbox):
    page = text_of(client.get(NEW, headers=ENGLISH))
    assert "Then the company decides about your data and answers you" in page

    ask(client, relation="client", company="Ромашка")

    filed = Request.objects.get()
    kept = ForCustomer.objects.get(request=filed)
    assert (kept.customer, kept.forwarded_at, filed.clocks.exists()) == (None, None, True)
    code, _link = mail_of(mailoutbox)
    opened = client.post(f"{page_of(filed)}enter/", {"code": code}, follow=True, headers=ENGLISH)
    assert "The data belongs to the company “Ромашка”" in text_of(opened)


def test_client_of_a_customer_names_the_company(client):
    assert "Name the company" in text_of(ask(client, relation="client"))


def test_operator_without_customers_does_not_ask_about_them(client, monkeypatch):
    from profiles import current
    from subject_requests.intake import forms

    monkeypatch.setattr(forms, "current", lambda: current().model_copy(update={"acts_for_customers": False}))

    assert "company" not in text_of(client.get(NEW, headers=ENGLISH))
