"""Accounts on the desk."""

import pytest
from django.test import Client

from access.roles import Role
from accounts.models import User
from personal_data.models import Subject
from processing_log.models import Event
from tests.factories.accounts import JOINED_AT, make_user, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def vera() -> User:
    return make_user(address="vera@example.org", last_name="Ильина", first_name="Вера")


@pytest.fixture
def clerk(client: Client) -> User:
    user = make_user(address="staff@example.org", role=Role.STAFF, last_name="Орлов")
    sign_in(client, user)
    return user


def url(user: User, act: str) -> str:
    return f"/admin/accounts/user/{user.pk}/{act}/"


def test_list_and_page_show_references_and_masks_and_no_value(client, clerk, vera):
    pages = client.get("/admin/accounts/user/").content.decode() + client.get(url(vera, "change")).content.decode()

    assert str(vera.subject_id) in pages
    assert "••••••" in pages
    for value in ("vera@example.org", "Ильина", "Вера<", "Орлов", "s.invalid", "argon2"):
        assert value not in pages


def test_looking_at_masks_opens_nothing(client, clerk, vera):
    before = Event.objects.count()

    client.get(url(vera, "change"))

    assert Event.objects.count() == before


def test_values_open_for_a_reason_which_lands_in_the_log(client, clerk, vera):
    before = set(Event.objects.values_list("pk", flat=True))

    answer = client.post(url(vera, "reveal"), {"reason": "answer", "request_number": "2026-000017"})

    assert "vera@example.org" in answer.content.decode()
    assert "Ильина" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    (event,) = Event.objects.exclude(pk__in=before)
    assert (event.actor_kind, event.actor_id, event.subject) == ("staff", str(clerk.pk), vera.subject_id)
    assert (event.operation, event.purpose, event.reason) == ("extract", "rights", "answer 2026-000017")
    assert sorted(event.categories) == ["email", "name"]


def test_opened_values_show_up_on_the_persons_own_page(client, clerk, vera):
    client.post(url(vera, "reveal"), {"reason": "identify", "request_number": ""})

    page = sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), vera).get("/me/log/?show=staff").content.decode()

    assert f"A member of staff ({str(clerk.pk)[:8]})" in page
    assert "to make sure who is asking" in page


def test_reason_opens_what_its_purpose_covers_and_no_more(client, clerk, vera):
    page = client.post(url(vera, "reveal"), {"reason": "misuse", "request_number": ""}).content.decode()

    assert "vera@example.org" in page
    assert "Ильина" not in page


@pytest.mark.parametrize(
    "data",
    [
        {"reason": "", "request_number": ""},
        {"reason": "curiosity", "request_number": ""},
        {"reason": "answer", "request_number": "for Vera, she asked me"},
        {"reason": "answer", "request_number": "Vera"},
    ],
)
def test_without_a_reason_from_the_list_nothing_opens(client, clerk, vera, data):
    before = Event.objects.count()

    answer = client.post(url(vera, "reveal"), data)

    assert "vera@example.org" not in answer.content.decode()
    assert Event.objects.count() == before


def test_values_of_staff_open_too_and_are_logged_as_work(client, clerk):
    other = make_user(address="officer@example.org", role=Role.OFFICER)

    answer = client.post(url(other, "reveal"), {"reason": "identify", "request_number": ""})

    assert "officer@example.org" in answer.content.decode()
    assert Event.objects.filter(subject=other.subject_id, operation="extract", purpose="staff").count() == 1


def test_find_leads_to_the_person_by_the_exact_address_and_is_written_down(client, clerk, vera):
    answer = client.post("/admin/accounts/user/find/", {"address": "VERA@example.org"})

    assert answer["Location"] == url(vera, "change")
    assert Event.objects.filter(fact="found_by_address", subject=vera.subject_id, actor_id=str(clerk.pk)).count() == 1


def test_find_says_so_when_nobody_has_the_address(client, clerk, vera):
    answer = client.post("/admin/accounts/user/find/", {"address": "ver@example.org"})

    assert answer.status_code == 200
    assert not Event.objects.filter(fact="found_by_address").exists()


@pytest.mark.parametrize(("state", "count"), [("open", 2), ("blocked", 1), ("closed", 1)])
def test_list_is_filtered_by_state(client, clerk, vera, state, count):
    blocked = make_user(address="b@example.org")
    Subject.objects.get(pk=blocked.subject_id).block(at=JOINED_AT)
    closed = make_user(address="c@example.org")
    User.objects.filter(pk=closed.pk).update(is_active=False)

    answer = client.get(f"/admin/accounts/user/?state={state}")

    assert answer.context["cl"].result_count == count


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("act", ["reveal", "change", "delete"])
@pytest.mark.parametrize("role", [Role.USER, Role.AUDITOR])
def test_desk_is_closed_to_users_and_auditors(client, vera, role, act, method):
    sign_in(client, make_user(address="other@example.org", role=role))

    assert getattr(client, method)(url(vera, act)).status_code == 403


def test_nothing_can_be_added_changed_or_deleted(client, clerk, vera):
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.post(url(vera, "change"), {"role": "admin"}).status_code == 403
    assert client.post(url(vera, "delete"), {"post": "yes"}).status_code == 403
    vera.refresh_from_db()
    assert vera.role == Role.USER


def test_outbox_on_the_desk_shows_no_address(client, clerk, vera):
    Client().post("/accounts/password/reset/", {"email": "vera@example.org"})
    from accounts.tasks import answer_reset_requests

    answer_reset_requests()

    page = client.get("/admin/notifications/outgoingmail/").content.decode()
    assert "new_password" in page
    assert "vera@example.org" not in page
