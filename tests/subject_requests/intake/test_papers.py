from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from access.roles import Role
from notifications.models import OutgoingMail
from personal_data.models import SubjectKind
from processing_log.models import Event
from subject_requests.kinds import Channel, Identity
from subject_requests.models import Attachment, Correspondent, IncomingMail, Representation, Request
from tests.factories.accounts import make_user, sign_in
from tests.factories.intake import PDF, RECEIVED, make_guest_request, upload
from tests.subject_requests.intake.test_mail import letter, take

pytestmark = pytest.mark.django_db
ENTER = "/admin/subject_requests/request/enter/"
KNOWN = "known@example.ru"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(RECEIVED, tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(client):
    client.cookies["django_language"] = "en"
    return sign_in(client, make_user(role=Role.STAFF, address="staff@example.org"))


def fields(**more: Any) -> dict[str, Any]:
    return {
        "channel": "post",
        "received_on": "2026-11-18",
        "kinds": ["access"],
        "text": "Прошу сообщить, какие данные у вас есть.",
        "paper_place": "7/12",
        "paper_sheets": "2",
        "language": "ru",
        "name": "Ёлкина Дарья",
        "postal_address": "127495, Москва, ул. Ивовая, 1",
        **more,
    }


def page(desk: Client, filed: Request) -> str:
    return str(desk.get(f"/admin/subject_requests/request/{filed.pk}/change/").content.decode())


def test_enter_runs_the_clocks_from_the_day_of_receipt(desk):
    desk.post(ENTER, fields(scan=[upload("письмо.pdf")]))

    filed = Request.objects.get()
    assert (filed.channel, filed.received_at.date(), filed.entered_at) == (
        Channel.POST,
        (RECEIVED - timedelta(days=2)).date(),
        RECEIVED,
    )
    assert (filed.paper_place, filed.paper_sheets, filed.identity) == ("7/12", 2, Identity.NONE)
    assert filed.subject.kind == SubjectKind.GUEST
    assert Correspondent.objects.get().subject_id == filed.subject_id
    assert Attachment.objects.get().what == "scan"
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"received_on": "2026-11-21"}, "This day is still ahead."),
        ({"received_on": "2024-11-21"}, "more than a year ago"),
        ({"paper_sheets": ""}, "A letter lies somewhere and has sheets"),
        ({"channel": "telephone", "text": ""}, "Note down what was said"),
        ({"by_representative": "on"}, "Needed when somebody asks for another person."),
        ({"address": "abc@s.invalid"}, "cannot receive mail"),
    ],
)
def test_enter_says_what_is_missing_and_keeps_what_was_typed(desk, more, words):
    text = desk.post(ENTER, fields(**more)).content.decode()

    assert words in text
    assert "127495, Москва" in text
    assert not Request.objects.exists()


def test_enter_finds_the_person_by_exact_address_when_a_document_was_shown(desk):
    user = make_user(address=KNOWN)

    desk.post(ENTER, fields(address="KNOWN@example.ru", document_seen="on"))

    filed = Request.objects.get()
    assert (filed.subject_id, filed.identity) == (user.subject_id, Identity.DOCUMENT)


def test_enter_of_an_address_without_a_document_joins_nobody(desk):
    user = make_user(address=KNOWN)

    desk.post(ENTER, fields(address=KNOWN))

    filed = Request.objects.get()
    assert filed.subject_id != user.subject_id
    assert filed.about is None


def test_enter_for_another_person_keeps_the_document_and_discloses_nothing_before_it_is_checked(desk):
    user = make_user(address=KNOWN)
    desk.post(
        ENTER,
        fields(
            by_representative="on",
            document_seen="on",
            represented="Крылова Ольга",
            represented_address=KNOWN,
            authority="power_of_attorney",
            authority_document=[upload("доверенность.pdf")],
        ),
    )
    filed = Request.objects.get()
    assert (filed.may_disclose, filed.about, Representation.objects.get().request) == (False, None, filed)

    desk.post(f"/admin/subject_requests/request/{filed.pk}/authority/")

    filed.refresh_from_db()
    assert (filed.may_disclose, filed.about_id) == (True, user.subject_id)


def test_recognise_joins_the_request_to_who_is_held(desk):
    user = make_user(address=KNOWN)
    filed = make_guest_request()

    desk.post(f"/admin/subject_requests/request/{filed.pk}/identify/", {"address": KNOWN})

    filed.refresh_from_db()
    assert (filed.about_id, filed.identity) == (user.subject_id, Identity.DOCUMENT)


def test_recognise_with_an_address_that_is_not_held_changes_nothing(desk):
    filed = make_guest_request()

    response = desk.post(
        f"/admin/subject_requests/request/{filed.pk}/identify/", {"address": "typo@example.ru"}, follow=True
    )

    filed.refresh_from_db()
    assert filed.identity == Identity.NONE
    assert "Nobody is held under exactly this address" in response.content.decode()


def test_page_masks_names_of_files_until_it_is_opened_for_a_reason(desk):
    desk.post(ENTER, fields(scan=[upload("письмо Ёлкиной.pdf")]))
    filed = Request.objects.get()

    assert "Ёлкин" not in page(desk, filed)
    opened = desk.post(f"/admin/subject_requests/request/{filed.pk}/open/", {"reason": "answer"}).content.decode()
    assert "письмо Ёлкиной.pdf" in opened
    assert "Ёлкина Дарья" in opened


def test_file_is_taken_for_a_reason_that_the_log_keeps(desk):
    desk.post(ENTER, fields(scan=[upload("письмо.pdf")]))
    filed, kept = Request.objects.get(), Attachment.objects.get()
    path = f"/admin/subject_requests/request/{filed.pk}/file/{kept.pk}/"

    assert desk.post(path, {"reason": ""}).status_code == 302
    response = desk.post(path, {"reason": "answer"})

    assert (response.content, response["Content-Type"]) == (PDF, "application/octet-stream")
    assert Event.objects.filter(subject=filed.subject_id, operation="extract", reason=f"answer {filed.number}").exists()


def test_mail_of_a_machine_can_be_read_for_a_reason_and_made_a_request(desk):
    take(letter("Прошу удалить мои данные", Auto_Submitted="auto-replied"), RECEIVED - timedelta(days=3))
    came = IncomingMail.objects.get()
    base = f"/admin/subject_requests/incomingmail/{came.pk}/"
    assert "writer@example.ru" not in desk.get(f"{base}change/").content.decode()
    assert b"writer@example.ru" in desk.post(f"{base}original/", {"reason": "answer"}).content

    desk.post(f"{base}make-request/", {"kinds": ["destruction"]})

    filed = Request.objects.get()
    assert (filed.received_at, filed.kinds, filed.channel) == (
        RECEIVED - timedelta(days=3),
        ["destruction"],
        Channel.MAIL,
    )
    desk.post(f"{base}make-request/", {"kinds": ["destruction"]})
    assert Request.objects.count() == 1


def test_list_of_mails_tells_no_address(desk):
    take(letter())

    text = desk.get("/admin/subject_requests/incomingmail/").content.decode()

    assert "from a person" in text
    assert "writer@" not in text


# --- a person's own pages ---------------------------------------------------------------------------------------------


def test_own_request_takes_files_at_once_and_later_and_gives_them_back(client):
    user = make_user(address=KNOWN)
    sign_in(client, user)
    client.post("/me/requests/new/", {"kinds": ["access"], "files": [upload("один.pdf")]})
    filed = Request.objects.get()
    client.post(f"/me/requests/{filed.pk}/add/", {"text": "Ещё", "files": [upload("два.pdf")]})

    text = client.get(f"/me/requests/{filed.pk}/").content.decode()

    assert "один.pdf" in text
    assert "два.pdf" in text
    kept = Attachment.objects.latest("received_at")
    assert client.get(f"/me/requests/{filed.pk}/files/{kept.pk}/").content == PDF
    other = sign_in(client, make_user(address="other@example.ru"))
    assert other.get(f"/me/requests/{filed.pk}/files/{kept.pk}/").status_code == 404
