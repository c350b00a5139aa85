import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from notifications.tasks import send_due_mail
from personal_data.models import Subject, SubjectKind
from personal_data.scope import processing
from subject_requests import services
from subject_requests.kinds import Channel, Identity, State
from subject_requests.models import Attachment, Correspondent, Request
from tests.factories.accounts import make_user, sign_in
from tests.factories.intake import HEIC, PDF, RECEIVED, upload
from tests.factories.subject_requests import make_request
from tests.factories.systems import make_system

pytestmark = pytest.mark.django_db
PATH = "/api/v1/requests/"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(RECEIVED, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def mine(client, user):
    return sign_in(client, user)


@pytest.fixture
def system():
    """Asks with a key that is for answering requests."""
    return Client(
        headers={"Authorization": f"Bearer {make_system(purposes=['rights']).secret}", "Accept-Language": "en"}
    )


def post(client: Client, path: str = PATH, again: str = "", **body: Any) -> Any:
    headers = {"Accept-Language": "en"} | ({"Idempotency-Key": again} if again else {})
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


# --- people -----------------------------------------------------------------------------------------------------------


def test_post_files_a_request_of_the_person(mine, user):
    response = post(mine, kinds=["destruction", "stop_ads"], text="Прошу")

    filed = Request.objects.get()
    assert (response.status_code, response.json()["number"]) == (201, filed.number)
    assert (filed.subject_id, filed.identity, filed.kinds) == (
        user.subject_id,
        Identity.SESSION,
        ["destruction", "stop_ads"],
    )


def test_post_takes_files_and_gives_them_back(mine):
    filed = mine.post(PATH, {"kinds": ["access"], "files": [upload("скан.pdf")]}).json()

    one = mine.get(f"{PATH}{filed['id']}/").json()
    (kept,) = one["attachments"]
    assert (kept["name"], kept["content"]) == ("скан.pdf", "pdf")
    content = mine.get(f"{PATH}{filed['id']}/files/{kept['id']}/")
    assert content.content == PDF
    assert content["Content-Disposition"].startswith("attachment")


def test_post_says_which_file_was_not_taken(mine):
    response = mine.post(PATH, {"kinds": ["access"], "files": [upload(), upload("me.heic", HEIC)]})

    assert (response.status_code, response.json()["code"]) == (422, "files_not_taken")
    assert [fault["pointer"] for fault in response.json()["errors"]] == ["/files/1"]
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/kinds"),
        ({"kinds": []}, "/kinds"),
        ({"kinds": ["nonsense"]}, "/kinds"),
        ({"kinds": ["access"], "address": "a@example.ru"}, "/address"),
        ({"kinds": ["access"], "subject": "somebody"}, "/subject"),
        ({"kinds": ["access"], "text": "x" * 10_001}, "/text"),
    ],
)
def test_post_points_at_what_cannot_be_taken(mine, body, pointer):
    response = post(mine, **body)

    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


def test_post_to_destroy_twice_is_a_conflict(mine):
    post(mine, kinds=["destruction"])

    assert (post(mine, kinds=["destruction"]).json())["code"] == "already_asked"


def test_get_lists_own_requests_page_by_page_and_no_others(mine, user):
    numbers = [make_request(subject_id=user.subject_id).number for _ in range(2)]
    make_request()

    rows = mine.get(PATH).json()

    assert [row["number"] for row in rows] == numbers[::-1]
    assert rows[0]["clocks"][0]["rule"] == "D01"
    assert [row["number"] for row in mine.get(PATH, {"after": numbers[1]}).json()] == numbers[:1]


def test_list_costs_as_many_queries_with_three_as_with_one(mine, user, django_assert_max_num_queries):
    make_request(subject_id=user.subject_id)
    with django_assert_max_num_queries(12) as one:
        mine.get(PATH)
    for _ in range(2):
        make_request(subject_id=user.subject_id)

    with django_assert_max_num_queries(len(one)):
        mine.get(PATH)


def test_somebody_elses_request_is_not_found(mine):
    other = make_request()

    assert mine.get(f"{PATH}{other.pk}/").status_code == 404
    assert post(mine, f"{PATH}{other.pk}/messages/", text="x").status_code == 404


def test_words_join_the_request_until_it_is_closed(mine, user):
    filed = make_request(subject_id=user.subject_id)

    written = post(mine, f"{PATH}{filed.pk}/messages/", text="Ещё слово")
    assert (written.status_code, written.json()["text"]) == (201, "Ещё слово")

    services.withdraw(request_id=filed.pk, actor=user.actor, at=RECEIVED)
    assert post(mine, f"{PATH}{filed.pk}/messages/", text="x").json()["code"] == "closed"


def test_nobody_signed_in_is_401(client):
    for response in (client.get(PATH), post(client, kinds=["access"])):
        assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")


def test_staff_have_their_desk(client):
    from access.roles import Role

    sign_in(client, make_user(role=Role.STAFF, address="staff@example.org"))

    assert client.get(PATH).status_code == 403


def test_post_by_session_needs_the_token_of_a_form(user):
    careful = sign_in(Client(enforce_csrf_checks=True), user)

    assert post(careful, kinds=["access"]).status_code == 403


# --- other systems ----------------------------------------------------------------------------------------------------

CALL: dict[str, Any] = {"kinds": ["access"], "text": "Звонили", "address": "caller@example.ru", "name": "Ёлкина Дарья"}


def test_system_files_for_a_stranger_who_is_written_to(system, mailoutbox):
    response = post(system, **CALL, received_at="2026-11-18T10:00:00+03:00")
    send_due_mail()

    filed = Request.objects.get()
    assert response.status_code == 201
    assert (filed.channel, filed.identity, filed.subject.kind) == (Channel.API, Identity.NONE, SubjectKind.GUEST)
    assert filed.received_at == datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
    assert mailoutbox[0].to == ["caller@example.ru"]
    assert Correspondent.objects.filter(subject_id=filed.subject_id).exists()


def test_system_that_sends_again_is_answered_the_same(system):
    first, second = (post(system, **CALL, again="call-17") for _ in range(2))
    other = post(system, **CALL, again="call-18")

    assert (first.status_code, second.status_code, other.status_code) == (201, 200, 201)
    assert first.json() == second.json()
    assert Request.objects.count() == 2


def test_system_sees_how_its_requests_stand_and_no_words(system):
    filed = post(system, **CALL).json()
    make_request()

    (row,) = system.get(PATH).json()
    one = system.get(f"{PATH}{filed['id']}/").json()

    assert (row["number"], one["state"]) == (filed["number"], State.NEW)
    assert "messages" not in one
    assert system.get(f"{PATH}{filed['id']}/files/{filed['id']}/").json()["code"] == "not_by_key"


def test_system_does_not_see_what_another_one_sent(system):
    filed = post(system, **CALL).json()
    other = Client(headers={"Authorization": f"Bearer {make_system(name='other', purposes=['rights']).secret}"})

    assert other.get(PATH).json() == []
    assert other.get(f"{PATH}{filed['id']}/").status_code == 404


def test_key_for_another_purpose_opens_nothing():
    other = Client(headers={"Authorization": f"Bearer {make_system(purposes=['ads']).secret}"})

    assert post(other, **CALL).status_code == 403
    assert not Request.objects.exists()


def test_wrong_key_is_401_even_beside_a_session(mine):
    assert mine.get(PATH, headers={"Authorization": "Bearer opk_wrong"}).status_code == 401


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"address": ""}, "/address"),
        ({"address": "abc@s.invalid"}, "/address"),
        ({"received_at": (RECEIVED + timedelta(days=1)).isoformat()}, "/received_at"),
    ],
)
def test_system_is_told_what_cannot_be_taken(system, more, pointer):
    response = post(system, **{**CALL, **more})

    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


def test_blocked_person_still_asks(mine, user):
    Subject.objects.get(pk=user.subject_id).block(at=RECEIVED)

    assert post(mine, kinds=["unblocking"]).status_code == 201


def test_files_of_a_request_are_sealed_for_their_person(mine, user):
    mine.post(PATH, {"kinds": ["access"], "files": [upload()]})

    with processing("rights", actor=user.actor):
        assert Attachment.objects.get().file.name == "скан.pdf"
