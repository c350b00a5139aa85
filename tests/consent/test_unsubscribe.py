"""The pages behind a mail's links: RFC 8058 for the mail program, a button for a person, nothing for a scanner."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.services import delete_account
from consent.links import TOKEN_LENGTH
from consent.models import LedgerEntry
from consent.suppressed import Suppression
from personal_data.models import Subject
from processing_log.actors import Actor
from processing_log.models import Event
from profiles import current
from retention.destruction import destroy_due
from retention.services import start_clock
from tests.factories.accounts import make_user
from tests.factories.consent import GIVEN_AT, make_consent
from tests.factories.suppression import way_out

pytestmark = pytest.mark.usefixtures("published")

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
DOORS = ["unsubscribe", "w"]
LATER = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def anna() -> Subject:
    return make_user().subject


@pytest.fixture
def mail_service() -> Client:
    """No cookies, no token of a form, and Django checks as it does for everybody."""
    return Client(enforce_csrf_checks=True)


def path(subject: Subject, door: str = "unsubscribe", purpose: str = "ads") -> str:
    return f"/{door}/{way_out(subject_id=subject.pk, purpose=purpose).token}/"


def text(response: HttpResponse) -> str:
    return response.content.decode()


def what_is_held() -> tuple[int, int, int]:
    return LedgerEntry.objects.count(), Suppression.objects.count(), Event.objects.count()


# --- one click ------------------------------------------------------------------------------------------------------


def one_click(client: Client, address: str) -> Any:
    return client.post(address, ONE_CLICK, content_type=FORM)


def test_one_click_suppresses_withdraws_and_logs_in_one_act(mail_service, anna):
    make_consent(subject_id=anna.pk)
    before = set(Event.objects.values_list("pk", flat=True))

    response = one_click(mail_service, path(anna))

    assert response.status_code == 200
    row = Suppression.objects.get()
    assert (row.scope, row.kind, row.reason, row.channel) == ("ads", "suppressed", "unsubscribed", "one_click")
    assert list(LedgerEntry.objects.values_list("turn", "kind")) == [(1, "given"), (2, "withdrawn")]
    assert Subject.objects.get(pk=anna.pk).open_purposes == []
    new = Event.objects.exclude(pk__in=before).order_by("pk")
    assert {"consent_withdrawn", "address_suppressed", "mail_unsubscribed"} <= {event.fact for event in new}
    assert {(event.actor_kind, event.actor_id) for event in new} == {("stranger", "")}
    assert len({event.context for event in new}) == 1


def test_one_click_as_multipart_is_the_same(mail_service, anna):
    response = mail_service.post(path(anna), {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 200
    assert Suppression.objects.get().channel == "one_click"


def test_one_click_needs_and_leaves_no_cookie_and_sends_nobody_elsewhere(mail_service, anna):
    response = one_click(mail_service, path(anna))

    assert (response.status_code, dict(response.cookies)) == (200, {})
    assert "Location" not in response.headers


def test_one_click_a_hundred_times_is_the_same_as_once(mail_service, anna):
    make_consent(subject_id=anna.pk)
    address = path(anna)
    one_click(mail_service, address)
    after_one = what_is_held()

    statuses = {one_click(mail_service, address).status_code for _ in range(100)}

    assert statuses == {200}
    assert what_is_held() == after_one


@pytest.mark.parametrize(
    "body",
    [
        "",
        "List-Unsubscribe=one-click",
        "List-Unsubscribe=One-Click&more=1",
        "List-Unsubscribe=One-Click&List-Unsubscribe=One-Click",
        "list-unsubscribe=One-Click",
        "stop=no",
        "stop=yes&List-Unsubscribe=One-Click",
        "List-Unsubscribe=One-Click&x=" + "y" * 3000,
    ],
)
def test_any_other_body_changes_nothing(mail_service, anna, body):
    make_consent(subject_id=anna.pk)
    before = what_is_held()

    response = mail_service.post(path(anna), body, content_type=FORM)

    assert response.status_code == 400
    assert what_is_held() == before


def test_one_click_in_json_changes_nothing(mail_service, anna):
    response = mail_service.post(path(anna), '{"List-Unsubscribe": "One-Click"}', content_type="application/json")

    assert response.status_code == 400
    assert not Suppression.objects.exists()


# --- whoever only looks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing_however_often(client, anna, door, method):
    make_consent(subject_id=anna.pk)
    address = path(anna, door)
    before = what_is_held()

    for _ in range(100):
        response = getattr(client, method)(address, headers={"sec-purpose": "prefetch", "user-agent": "scanner"})
        assert response.status_code == 200

    assert what_is_held() == before


@pytest.mark.parametrize("door", DOORS)
def test_looking_asks_the_database_nothing_and_leaves_no_cookie(client, anna, door):
    address = path(anna, door)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = client.get(address)

    assert len(asked) == 0
    assert not response.cookies


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client, anna, method):
    assert getattr(client, method)(path(anna)).status_code == 405


# --- the person's way -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "asks", "says"),
    [
        ("ru", "Отозвать согласие", "Согласие отозвано"),
        ("en", "Withdraw the consent", "The consent is withdrawn"),
    ],
)
def test_page_names_the_purpose_and_one_press_withdraws(client, anna, language, asks, says):
    make_consent(subject_id=anna.pk)
    address = f"{path(anna, 'w')}?language={language}"

    page = text(client.get(address))
    assert page.count("<form") == page.count("<button") == 1
    assert asks in page
    assert ("Реклама по электронной почте" if language == "ru" else "Advertising by e-mail") in page

    done = client.post(address, {"stop": "yes"})

    assert done.status_code == 200
    assert says in text(done)
    assert done.headers["Content-Language"] == language
    assert Subject.objects.get(pk=anna.pk).open_purposes == []
    assert Suppression.objects.get().channel == "page"


def test_withdrawing_takes_no_more_clicks_than_giving(client, anna):
    """Giving: the page of the text, and its button. Here: the page behind the link, and its button."""
    make_consent(subject_id=anna.pk)
    address = path(anna, "w")

    client.get(address)
    client.post(address, {"stop": "yes"})

    assert LedgerEntry.objects.latest("turn").kind == "withdrawn"


def test_mail_by_consent_that_does_not_advertise_ends_without_a_suppression(client, anna):
    make_consent(subject_id=anna.pk, purpose="surveys")

    client.post(path(anna, "w", "surveys"), {"stop": "yes"})

    assert Subject.objects.get(pk=anna.pk).open_purposes == []
    assert not Suppression.objects.exists()


def test_one_purpose_is_ended_and_no_other(client, anna):
    for purpose in ("ads", "surveys"):
        make_consent(subject_id=anna.pk, purpose=purpose)

    client.post(path(anna, "w"), {"stop": "yes"})

    assert Subject.objects.get(pk=anna.pk).open_purposes == ["surveys"]


@pytest.mark.parametrize("door", DOORS)
def test_address_of_the_page_goes_nowhere(client, anna, door):
    address = path(anna, door)
    for response in (client.get(address), client.post(address, {"stop": "yes"}), client.get(f"/{door}/no/")):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response.headers["Cache-Control"]
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert address.split("/")[2] not in text(response)


# --- after the account is gone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_link_works_for_somebody_blocked(client, anna, door):
    make_consent(subject_id=anna.pk)
    anna.block(at=GIVEN_AT)

    assert client.post(path(anna, door), {"stop": "yes"}).status_code == 200

    assert LedgerEntry.objects.latest("turn").kind == "withdrawn"
    assert Suppression.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", DOORS)
def test_link_works_when_account_and_person_are_destroyed(client, door):
    user = make_user()
    make_consent(subject_id=user.subject_id)
    address = path(user.subject, door)
    delete_account(user=user, at=GIVEN_AT)
    destroy_due(LATER)
    assert Subject.objects.get(pk=user.subject_id).destroyed_at

    assert client.get(address).status_code == 200
    assert client.post(address, {"stop": "yes"}).status_code == 200

    assert Suppression.objects.get().scope == "ads"


@pytest.mark.django_db(transaction=True)
def test_consent_that_was_still_in_force_at_the_destruction_is_withdrawn(client):
    user = make_user()
    make_consent(subject_id=user.subject_id)
    start_clock(subject_id=user.subject_id, trigger="subscription_ended", at=GIVEN_AT, actor=Actor.system("test"))
    destroy_due(LATER)

    client.post(path(user.subject, "w"), {"stop": "yes"})

    assert LedgerEntry.objects.latest("turn").kind == "withdrawn"


def test_link_of_a_person_whom_a_restored_database_does_not_know_still_stops_the_mail(client):
    from uuid import uuid4

    address = f"/unsubscribe/{way_out(subject_id=uuid4()).token}/"

    assert client.post(address, {"stop": "yes"}).status_code == 200
    assert Suppression.objects.count() == 1


def test_link_of_a_purpose_that_the_operator_has_dropped_still_stops_the_mail(client, anna):
    assert client.get(path(anna, "w", "dropped")).status_code == 200
    assert client.post(path(anna, "w", "dropped"), {"stop": "yes"}).status_code == 200

    assert Suppression.objects.get().scope == "dropped"


def test_consent_to_a_purpose_that_the_operator_has_dropped_is_withdrawn_by_the_link(client, anna, monkeypatch):
    make_consent(subject_id=anna.pk, purpose="surveys")
    address = path(anna, "w", "surveys")
    profile = current()
    left = {code: purpose for code, purpose in profile.purposes.items() if code != "surveys"}
    monkeypatch.setattr("profiles.loader.load", lambda _name: profile.model_copy(update={"purposes": left}))

    assert client.post(address, {"stop": "yes"}).status_code == 200

    assert LedgerEntry.objects.latest("turn").kind == "withdrawn"


# --- what is no link --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_wrong_token_gets_a_calm_page_that_says_what_to_do(client, anna, door, method, language):
    token = path(anna, door).split("/")[2]
    pages = set()
    for wrong in ("x", "A" * TOKEN_LENGTH, token[:-3], token[:-1] + ("A" if token[-1] != "A" else "B")):
        response = getattr(client, method)(
            f"/{door}/{wrong}/?language={language}", {"stop": "yes"} if method == "post" else None
        )
        assert response.status_code == 404
        pages.add(text(response))

    (page,) = pages
    assert ("Эта ссылка неполная" if language == "ru" else "This link is not whole") in page
    assert not Suppression.objects.exists()
