import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection
from django.test import Client

from access.roles import Role
from accounts.models import Session, User
from accounts.sessions import machine_now
from processing_log.models import Event
from tests.accounts.conftest import Post
from tests.factories.accounts import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def set_up_app(client: Client) -> str:
    client.get("/accounts/2fa/totp/activate/")
    secret: str = client.session["mfa.totp.secret"]
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
    assert answer.status_code == 302
    return secret


def enter(client: Client, address: str = "anna@example.org") -> str:
    return client.post("/accounts/login/", {"login": address, "password": PASSWORD})["Location"]


def test_staff_without_a_second_factor_are_asked_for_one_before_anything_else(client):
    make_user(role=Role.STAFF)

    assert enter(client) == "/admin/"
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"
    assert client.get("/me/")["Location"] == "/accounts/2fa/"


@pytest.mark.django_db(transaction=True)  # allauth says that a factor was set up after the commit
def test_staff_reach_the_desk_right_after_they_set_one_up(client):
    make_user(role=Role.STAFF)
    enter(client)

    set_up_app(client)

    assert client.get("/admin/").status_code == 200


def test_staff_are_asked_for_the_code_at_the_next_sign_in(client):
    make_user(role=Role.STAFF)
    enter(client)
    secret = set_up_app(client)
    later = Client()

    assert enter(later) == "/accounts/2fa/authenticate/"
    assert later.get("/admin/")["Location"].startswith("/accounts/login/")
    later.post("/accounts/2fa/authenticate/", {"code": code_now(secret)})
    assert later.get("/admin/").status_code == 200


def test_user_may_have_a_second_factor_and_need_not(client):
    make_user()

    assert enter(client) == "/me/"
    assert client.get("/me/").status_code == 200
    secret = set_up_app(client)
    later = Client()
    assert enter(later) == "/accounts/2fa/authenticate/"
    assert later.post("/accounts/2fa/authenticate/", {"code": code_now(secret)})["Location"] == "/me/"


def test_secrets_are_not_readable_in_the_database(client):
    make_user()
    enter(client)
    secret = set_up_app(client)

    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        (held,) = cursor.fetchone()
        cursor.execute("SELECT string_agg(encode(data, 'escape'), ' ') FROM accounts_session")
        (sessions,) = cursor.fetchone()
    assert Authenticator.objects.count() == 2
    assert secret not in held
    assert secret not in sessions


def test_app_is_labelled_with_the_owners_address_and_the_operators_name(client):
    sign_in(client, make_user(address="vera@example.org"))

    answer = client.get("/accounts/2fa/totp/activate/")

    assert "vera%40example.org" in answer.context["totp_url"]
    assert "s.invalid" not in answer.context["totp_url"]


@pytest.mark.django_db(transaction=True)
def test_setting_up_and_switching_off_are_told_by_mail(client, post: Post):
    sign_in(client, make_user(language="en"))

    set_up_app(client)
    post_before = [letter.body for letter in post()]
    answer = client.post("/accounts/2fa/totp/deactivate/", {})
    after = [letter.body for letter in post()]

    assert answer.status_code == 302
    assert any("authenticator app was set up" in body for body in post_before)
    assert any("authenticator app of your account was switched off" in body for body in after)


def test_passkeys_name_is_chosen_and_not_written(client):
    sign_in(client, make_user())

    page = client.get("/accounts/2fa/webauthn/add/").content.decode()

    assert '<select name="name"' in page


@pytest.mark.parametrize("role", [Role.STAFF, Role.OFFICER, Role.AUDITOR, Role.ADMIN])
def test_sign_in_of_staff_is_written_down(client, role):
    user = make_user(role=role)
    before = Event.objects.count()

    enter(client)

    events = Event.objects.filter(fact="signed_in")
    assert [(event.actor_id, event.subject) for event in events] == [(str(user.pk), None)]
    assert Event.objects.count() == before + 1


def test_sign_in_of_a_user_is_not(client):
    make_user()
    before = Event.objects.count()

    enter(client)

    assert Event.objects.count() == before
    assert not hasattr(User, "last_login") or User.last_login is None


def test_staff_who_leave_their_desk_are_signed_out(client):
    make_user(role=Role.STAFF)
    enter(client)
    set_up_app(client)
    long_ago = machine_now() - timedelta(minutes=20)
    Session.objects.update(created_at=long_ago, seen_at=long_ago)

    assert client.get("/admin/")["Location"].startswith("/accounts/login/")
