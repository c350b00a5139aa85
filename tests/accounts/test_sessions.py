from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import Session
from accounts.sessions import SessionStore, digest, machine_now
from tests.factories.accounts import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db


def row_of(session: SessionBase) -> Session:
    return Session.objects.get(key_digest=digest(session.session_key or ""))


def make_session(**data: object) -> SessionStore:
    store = SessionStore()
    store.update(data)
    store.create()
    store.update(data)
    store.save()
    return store


def test_session_keeps_what_was_put_into_it():
    key = make_session(colour="green", number=7).session_key

    again = SessionStore(key)

    assert (again["colour"], again["number"]) == ("green", 7)


def test_session_table_shows_neither_key_nor_content():
    key = make_session(secret="heron-under-the-bridge").session_key

    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(data, 'escape') || encode(key_digest, 'escape') FROM accounts_session")
        (row,) = cursor.fetchone()
    assert "heron" not in row
    assert key not in row


def test_session_whose_data_was_moved_from_another_one_is_empty():
    mine, other = make_session(who="mine"), make_session(who="other")
    stolen = row_of(other).data
    Session.objects.filter(pk=row_of(mine).pk).update(data=stolen)

    assert SessionStore(mine.session_key).get("who") is None


def test_session_that_expired_is_empty_and_is_cleared():
    store = make_session(colour="green")
    Session.objects.update(expires_at=machine_now() - timedelta(seconds=1))

    assert SessionStore(store.session_key).get("colour") is None
    SessionStore.clear_expired()
    assert not Session.objects.exists()


def test_session_is_seen_once_an_hour_and_not_oftener():
    store = make_session(colour="green")
    before = Session.objects.get().seen_at
    SessionStore(store.session_key).load()
    assert Session.objects.get().seen_at == before
    Session.objects.update(created_at=before - timedelta(hours=3), seen_at=before - timedelta(hours=2))

    SessionStore(store.session_key).load()

    assert Session.objects.get().seen_at >= before


def test_cycling_the_key_keeps_the_content_and_ends_the_old_key():
    store = make_session(colour="green")
    old = store.session_key

    store.cycle_key()
    store.save()

    assert SessionStore(old).get("colour") is None
    assert SessionStore(store.session_key)["colour"] == "green"
    assert Session.objects.count() == 1


def test_database_refuses_a_session_seen_before_it_was_created():
    make_session(colour="green")

    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.update(seen_at=machine_now() - timedelta(days=1))


def test_page_shows_this_browser_and_the_others(client):
    user = make_user(language="en")
    sign_in(client, user)
    for _number in range(2):
        sign_in(Client(), user)

    answer = client.get("/me/sessions/")

    assert [is_here for _row, is_here in answer.context["sessions"]].count(True) == 1
    assert len(answer.context["sessions"]) == 3


def test_ending_one_session_signs_that_browser_out(client):
    user = make_user()
    sign_in(client, user)
    other = sign_in(Client(), user)
    row = row_of(other.session)

    client.post(f"/me/sessions/{row.pk}/end/")

    assert other.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200


def test_somebody_elses_session_cannot_be_ended(client):
    sign_in(client, make_user())
    stranger = sign_in(Client(), make_user(address="boris@example.org"))
    row = row_of(stranger.session)

    assert client.post(f"/me/sessions/{row.pk}/end/").status_code == 404
    assert stranger.get("/me/").status_code == 200


def test_ending_all_others_leaves_this_one(client):
    user = make_user()
    sign_in(client, user)
    others = [sign_in(Client(), user) for _number in range(3)]

    client.post("/me/sessions/end-others/")

    assert client.get("/me/").status_code == 200
    assert [other.get("/me/").status_code for other in others] == [302, 302, 302]
    assert Session.objects.filter(user=user).count() == 1


def test_change_of_password_signs_out_all_other_browsers(client):
    user = make_user()
    sign_in(client, user)
    other = sign_in(Client(), user)

    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "quill-rowan-thicket-7", "password2": "quill-rowan-thicket-7"},
    )

    assert other.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200
    assert Session.objects.filter(user=user).count() == 1


def test_signing_out_leaves_no_session_of_the_user(client):
    user = make_user()
    sign_in(client, user)

    client.post("/accounts/logout/")

    assert not Session.objects.filter(user=user).exists()


def test_no_cookie_but_the_declared_ones_is_set(client):
    make_user()
    client.post("/accounts/login/", {"login": "anna@example.org", "password": PASSWORD})
    client.get("/me/")

    assert set(client.cookies) <= {"sessionid", "csrftoken", "django_language"}
