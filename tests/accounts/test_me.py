"""A person's own pages."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.roles import Role
from accounts import border
from accounts.models import MailAddress, Profile, Session, User
from accounts.selectors import find_subject_by_email
from accounts.services import change_names
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.models import Event
from retention import receipts
from retention.models import Clock
from tests.accounts.conftest import Post, link_in
from tests.accounts.test_doors import form
from tests.factories.accounts import PASSWORD, make_user, sign_in
from tests.factories.consent import make_consent
from tests.factories.personal_data import staff

pytestmark = pytest.mark.django_db

VERA = {"address": "vera@example.org", "last_name": "Ильина", "first_name": "Вера", "language": "en"}
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def vera(client: Client) -> User:
    user = make_user(**VERA)  # type: ignore[arg-type]
    sign_in(client, user)
    client.cookies["django_language"] = "en"
    return user


def names_of(user: User) -> tuple[str | None, str | None, str | None]:
    with processing("rights", actor=user.actor):
        row = Profile.objects.get(subject_id=user.subject_id)
        return row.last_name, row.first_name, row.patronymic


# --- my data ------------------------------------------------------------------------------------------------------


def test_home_shows_each_value_with_purpose_source_term_and_reader(client, vera):
    page = client.get("/me/").content.decode()

    for words in ("vera@example.org", "Ильина", "Вера", "Registration and use of the service", "From you: at sign-up"):
        assert words in page
    assert "30 calendar days after the account was deleted" in page
    assert "You. Staff see a mask" in page
    assert "152-FZ, article 6, part 1, item 5" in page


def test_home_tells_a_consent_based_purpose_only_where_the_consent_is_in_force(client, vera, policy):
    assert "Advertising by e-mail" not in client.get("/me/").content.decode()

    make_consent(subject_id=vera.subject_id, purpose="ads")

    assert "Advertising by e-mail" in client.get("/me/").content.decode()


def test_looking_at_ones_own_pages_leaves_no_event(client, vera):
    before = Event.objects.count()

    for path in ("/me/", "/me/profile/", "/me/log/", "/me/sessions/", "/me/delete/"):
        assert client.get(path).status_code == 200

    assert Event.objects.count() == before


def test_home_of_somebody_whose_data_is_blocked_still_shows_it(client, vera):
    Subject.objects.get(pk=vera.subject_id).block(at=NOW)

    page = client.get("/me/").content.decode()

    assert "Your data is blocked" in page
    assert "vera@example.org" in page


def test_home_takes_the_same_queries_whatever_is_held(client, vera):
    with CaptureQueriesContext(connection) as few:
        client.get("/me/")
    with processing("rights", actor=vera.actor):
        for number in range(3):
            MailAddress.objects.create(subject_id=vera.subject_id, address=f"more{number}@example.org")
    with CaptureQueriesContext(connection) as many:
        client.get("/me/")

    assert len(many) == len(few)


@pytest.mark.parametrize("path", ["", "profile/", "log/", "download/", "sessions/", "delete/", "delete/confirm/"])
def test_own_pages_are_for_those_who_signed_in(path):
    answer = Client().get(f"/me/{path}")

    assert answer["Location"] == f"/accounts/login/?next=/me/{path}"


def test_own_pages_are_never_cached(client, vera):
    assert "no-store" in client.get("/me/").headers["Cache-Control"]


# --- profile ------------------------------------------------------------------------------------------------------


def test_profile_saves_what_changed_and_logs_it_as_clarification(client, vera):
    before = set(Event.objects.values_list("pk", flat=True))

    client.post("/me/profile/", {"last_name": "Ильина", "first_name": "Вероника", "patronymic": "Олеговна"})

    assert names_of(vera) == ("Ильина", "Вероника", "Олеговна")
    events = Event.objects.exclude(pk__in=before)
    assert [(event.operation, event.categories, event.purpose) for event in events] == [("clarify", ["name"], "rights")]


def test_profile_left_as_it_is_writes_nothing(client, vera):
    before = Event.objects.count()

    client.post("/me/profile/", {"last_name": "Ильина", "first_name": "Вера", "patronymic": ""})

    assert Event.objects.count() == before


def test_emptied_value_is_removed_only_after_its_consequence_was_read(client, vera):
    answer = client.post("/me/profile/", {"last_name": "Ильина", "first_name": "", "patronymic": ""})

    assert answer["Location"] == "/me/profile/first_name/remove/"
    assert names_of(vera)[1] == "Вера"
    assert "We can no longer address you by name" in client.get(answer["Location"]).content.decode()
    client.post(answer["Location"])
    assert names_of(vera) == ("Ильина", None, None)
    assert Event.objects.filter(operation="delete", subject=vera.subject_id, categories=["name"]).count() == 1


@pytest.mark.parametrize("name", ["email", "password", "subject", "nothing"])
def test_only_optional_values_can_be_removed(client, vera, name):
    assert client.post(f"/me/profile/{name}/remove/").status_code == 404


def test_profile_refuses_keys_that_it_does_not_have(client, vera):
    assert client.post("/me/profile/", {"last_name": "X", "role": "admin"}).status_code == 400
    assert names_of(vera)[0] == "Ильина"


# --- who opened my data -------------------------------------------------------------------------------------------


def test_log_says_who_opened_what_and_why(client, vera):
    with processing("rights", actor=staff(), reason="answer 2026-000017"):
        assert border.address_of(vera.subject_id) == "vera@example.org"

    page = client.get("/me/log/").content.decode()

    assert "A member of staff (11111111)" in page
    assert "Opened" in page
    assert "E-mail address" in page
    assert "to answer a request 2026-000017" in page


def test_log_can_be_narrowed_to_people_and_has_words_for_nothing(client, vera):
    assert "Nobody has opened your data" in client.get("/me/log/?show=staff").content.decode()


def test_log_shows_nothing_of_other_people(client, vera):
    other = make_user(address="boris@example.org")
    with processing("rights", actor=staff()):
        border.address_of(other.subject_id)

    assert "A member of staff" not in client.get("/me/log/").content.decode()


def test_log_is_paged_and_takes_the_same_queries_for_1_event_and_many(client, vera):
    with CaptureQueriesContext(connection) as few:
        client.get("/me/log/")
    for _number in range(40):
        with processing("rights", actor=staff()):
            border.address_of(vera.subject_id)
    with CaptureQueriesContext(connection) as many:
        answer = client.get("/me/log/")

    assert len(answer.context["lines"]) == 25
    assert len(many) == len(few)
    assert client.get("/me/log/?page=2").context["lines"]


# --- a copy -------------------------------------------------------------------------------------------------------


def copy_of(client: Client) -> tuple[dict[str, Any], str]:
    answer = client.post("/me/download/")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return json.loads(archive.read("my-data.json")), archive.read("my-data.html").decode()


def test_copy_holds_every_value_for_machines_and_for_people(client, vera):
    document, page = copy_of(client)

    values = {value["value"] for record in document["records"] for value in record["values"]}
    assert values == {"vera@example.org", "Ильина", "Вера"}
    assert document["reference"] == str(vera.subject_id)
    assert all(words in page for words in values)
    assert [reach for reach in ("<script", "src=", "http:", "https:", "url(") if reach in page] == []


def test_copy_tells_purposes_sources_terms_and_the_log(client, vera):
    document, _page = copy_of(client)

    email = next(category for category in document["categories"] if category["code"] == "email")
    assert email["source"].startswith("From you")
    assert {purpose["basis"] for purpose in email["purposes"]} >= {"6.1.5", "6.1.2"}
    assert email["kept_until"]
    assert {"at", "who", "what", "categories", "why", "reason"} == set(document["log"][0])


def test_copy_shows_no_secret_of_the_machinery(client, vera):
    document, page = copy_of(client)

    told = json.dumps(document, ensure_ascii=False) + page
    assert "s.invalid" not in told
    assert "argon2" not in told
    assert vera.password not in told


def test_taking_a_copy_is_an_event(client, vera):
    copy_of(client)

    assert [(e.actor_id, e.subject) for e in Event.objects.filter(fact="copy_taken")] == [
        (str(vera.pk), vera.subject_id)
    ]


def test_copy_asks_again_who_it_is(client, vera):
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 1.0}]
    session.save()

    assert client.post("/me/download/")["Location"] == "/accounts/reauthenticate/?next=%2Fme%2Fdownload%2F"


# --- the end ------------------------------------------------------------------------------------------------------


def test_delete_tells_what_goes_when_and_what_stays(client, vera):
    page = client.get("/me/delete/").content.decode()

    for words in ("At once", "After 30 days", "Proof of destruction", "Order 179", "E-mail address"):
        assert words in page


def test_delete_asks_again_who_it_is(client, vera):
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 1.0}]
    session.save()

    answer = client.post("/me/delete/confirm/")

    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Fme%2Fdelete%2Fconfirm%2F"
    assert User.objects.get().is_active


def test_delete_blocks_at_once_signs_out_and_starts_the_term(client, vera):
    other = sign_in(Client(), vera)

    answer = client.post("/me/delete/confirm/")

    assert answer.status_code == 200
    subject = Subject.objects.get()
    assert subject.blocked_at is not None
    assert other.get("/me/").status_code == client.get("/me/").status_code == 302
    assert not Session.objects.filter(user=vera).exists()
    assert not EmailAddress.objects.exists()
    assert not Authenticator.objects.exists()
    clock = Clock.objects.get()
    assert (clock.trigger, clock.subject_id) == ("account_deleted", subject.pk)
    assert Event.objects.filter(fact="account_deleted", operation="block", subject=subject.pk).count() == 1


def test_delete_shows_and_mails_a_receipt_that_needs_no_account(client, vera, post: Post):
    answer = client.post("/me/delete/confirm/")

    url = receipts.url_for(vera.subject_id)
    assert url in answer.content.decode()
    (letter,) = post()
    assert letter.to == ["vera@example.org"]
    assert url in letter.body
    assert Client().get(url.removeprefix("http://testserver")).status_code == 200


def test_nobody_signs_in_to_a_deleted_account(client, vera):
    client.post("/me/delete/confirm/")

    answer = Client().post("/accounts/login/", {"login": "vera@example.org", "password": PASSWORD})

    assert answer.status_code == 200


def test_address_of_a_deleted_account_may_open_a_new_one(client, vera, policy, post: Post):
    client.post("/me/delete/confirm/")
    post()
    cache.clear()
    again = Client()

    again.post("/accounts/signup/", form("vera@example.org"))
    (letter,) = post()
    again.post(link_in(letter))

    newest = User.objects.get(is_active=True)
    assert newest.subject_id != vera.subject_id
    assert find_subject_by_email("vera@example.org") == newest.subject_id


def test_new_password_for_a_deleted_account_sends_nothing(client, vera, post: Post):
    client.post("/me/delete/confirm/")
    post()

    Client().post("/accounts/password/reset/", {"email": "vera@example.org"})

    assert post() == []


def test_staff_find_a_deleted_account_by_its_address_until_it_is_destroyed(client, vera):
    client.post("/me/delete/confirm/")

    assert find_subject_by_email("VERA@example.org") == vera.subject_id
    assert find_subject_by_email("nobody@example.org") is None


def test_staff_cannot_delete_their_account_themselves(client):
    user = make_user(role=Role.OFFICER)
    sign_in(client, user)

    assert client.get("/me/delete/").context["is_possible"] is False
    assert client.post("/me/delete/confirm/").status_code == 403
    user.refresh_from_db()
    assert user.is_active


def test_change_names_ignores_what_is_equal(vera):
    assert change_names(user=vera, names={"first_name": "Вера", "last_name": "Орлова"}) == ["last_name"]


def test_delete_ends_the_consents(client, vera, policy):
    make_consent(subject_id=vera.subject_id, purpose="ads")

    client.post("/me/delete/confirm/")

    assert Subject.objects.get().open_purposes == []
    assert Event.objects.filter(fact="consent_withdrawn", subject=vera.subject_id).count() == 1
