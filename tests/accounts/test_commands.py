"""Staff come and go by the command line."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from access.roles import Role
from accounts.models import User
from personal_data.models import Subject
from processing_log.models import Event
from retention.models import Clock
from tests.accounts.conftest import Post, link_in
from tests.factories.accounts import make_user, sign_in

pytestmark = pytest.mark.django_db


def test_create_user_opens_an_account_and_sends_a_link_for_the_first_password(post: Post, capsys):
    call_command("create_user", role="officer", email="maria@example.org")

    user = User.objects.get()
    assert (user.role, user.has_usable_password()) == (Role.OFFICER, False)
    assert Subject.objects.get().kind == "staff"
    assert "maria@example.org" not in capsys.readouterr().out
    (letter,) = post()
    assert letter.to == ["maria@example.org"]
    browser = Client()
    page = browser.get(link_in(letter), follow=True)
    browser.post(page.request["PATH_INFO"], {"password1": "quill-rowan-1", "password2": "quill-rowan-1"})
    answer = browser.post("/accounts/login/", {"login": "maria@example.org", "password": "quill-rowan-1"})
    assert answer["Location"] == "/admin/"
    assert EmailAddress.objects.get().verified


def test_create_user_asks_for_the_address_when_it_is_not_given(monkeypatch, post: Post):
    monkeypatch.setattr("builtins.input", lambda prompt: "ilya@example.org")

    call_command("create_user", role="staff")

    assert [letter.to for letter in post()] == [["ilya@example.org"]]


@pytest.mark.parametrize("address", ["nonsense", "taken@example.org"])
def test_create_user_refuses_nonsense_and_an_address_that_is_taken(address):
    make_user(address="taken@example.org")

    with pytest.raises(CommandError) as refused:
        call_command("create_user", role="staff", email=address)

    assert address not in str(refused.value)
    assert User.objects.count() == 1


def test_close_user_ends_an_account_of_the_staff_and_starts_the_term(client, capsys):
    user = make_user(role=Role.STAFF)
    sign_in(client, user)

    call_command("close_user", str(user.subject_id))

    user.refresh_from_db()
    assert not user.is_active
    assert client.get("/admin/").status_code == 302
    assert Clock.objects.get().trigger == "staff_left"
    assert Event.objects.filter(fact="account_closed", subject=user.subject_id, actor_id="close_user").count() == 1
    assert re.search(r"\d{4}-\d\d-\d\d", capsys.readouterr().out)


def test_close_user_leaves_a_persons_own_account_alone():
    user = make_user()

    with pytest.raises(CommandError, match="only they can delete it"):
        call_command("close_user", str(user.subject_id))

    user.refresh_from_db()
    assert user.is_active


def test_close_user_says_so_when_there_is_nobody():
    with pytest.raises(CommandError, match="no such account"):
        call_command("close_user", "11111111-1111-4111-8111-111111111111")
