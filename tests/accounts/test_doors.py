"""Signing up and in, over HTTP, as a browser does it."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from access.roles import Role
from accounts import border
from accounts.models import MailAddress, Profile, User
from accounts.services import AddressTaken, open_account
from consent.models import Acknowledgement
from consent.selectors import newest_policy
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.models import Event
from retention.destruction import destroy_due
from retention.models import Clock
from tests.accounts.conftest import Post, link_in
from tests.factories.accounts import JOINED_AT, PASSWORD, make_user

pytestmark = pytest.mark.django_db


def policy_hash() -> str:
    policy = newest_policy()
    assert policy
    return policy.sha256


def form(address: str = "vera@example.org", **more: str) -> dict[str, str]:
    return {
        "email": address,
        "password1": PASSWORD,
        "last_name": "",
        "first_name": "",
        "patronymic": "",
        "policy_read": "on",
        "policy_shown": policy_hash(),
        **more,
    }


def sign_up(client: Client, post: Post, address: str = "vera@example.org") -> None:
    client.post("/accounts/signup/", form(address))
    (letter,) = post()
    client.post(link_in(letter))


def test_sign_up_asks_for_an_address_and_offers_names(client, policy):
    page = client.get("/accounts/signup/").content.decode()

    assert 'name="email"' in page
    assert all(f'name="{name}"' in page for name in ("last_name", "first_name", "patronymic"))


def test_sign_up_with_an_address_alone_opens_an_account_that_waits_for_confirmation(client, policy):
    answer = client.post("/accounts/signup/", form())

    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/confirm-email/"
    user = User.objects.get()
    assert user.email == border.token("vera@example.org")
    assert user.role == Role.USER
    assert EmailAddress.objects.get().verified is False
    assert client.get("/me/")["Location"].startswith("/accounts/login/")


def test_sign_up_seals_what_was_told(client, policy):
    client.post("/accounts/signup/", form("Vera@Example.ORG", first_name="Вера", last_name="Ильина"))

    user = User.objects.get()
    with processing("account", actor=user.actor):
        assert MailAddress.objects.get().address == "vera@example.org"
        profile = Profile.objects.get()
        assert (profile.last_name, profile.first_name, profile.patronymic) == ("Ильина", "Вера", None)


def test_sign_up_registers_which_policy_was_read_and_gives_no_consent(client, policy):
    client.post("/accounts/signup/", form())

    read = Acknowledgement.objects.get()
    assert read.sha256 == policy_hash()
    assert read.subject_id == User.objects.get().subject_id
    assert Subject.objects.get().open_purposes == []


def test_sign_up_enters_collection_into_the_log_as_the_persons_own_act(client, policy):
    client.post("/accounts/signup/", form(first_name="Вера"))

    user = User.objects.get()
    events = Event.objects.filter(subject=user.subject_id, actor_id=str(user.pk), purpose="account")
    told = {(event.operation, event.fact, tuple(event.categories)) for event in events}
    assert told == {
        ("record", "", ("email",)),
        ("record", "", ("name",)),
        ("collect", "account_opened", ()),
    }


def test_sign_up_without_the_tick_is_refused(client, policy):
    data = form()
    del data["policy_read"]

    answer = client.post("/accounts/signup/", data)

    assert answer.status_code == 200
    assert not User.objects.exists()


def test_sign_up_with_another_policy_than_the_newest_shows_the_form_again_with_the_newest(client, policy):
    answer = client.post("/accounts/signup/", form(policy_shown="0" * 64))

    assert answer.status_code == 200
    assert policy_hash() in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("key", ["role", "is_superuser", "phone", "birth_date", "subject"])
def test_sign_up_with_a_key_that_was_not_asked_for_is_a_bad_request(client, policy, key):
    answer = client.post("/accounts/signup/", form(**{key: "1"}))

    assert answer.status_code == 400
    assert not User.objects.exists()


def test_sign_up_refuses_a_border_token(client, policy):
    answer = client.post("/accounts/signup/", form(border.token("vera@example.org")))

    assert answer.status_code == 200
    assert not User.objects.exists()


def test_confirmation_waits_for_the_button(client, policy, post):
    client.post("/accounts/signup/", form())
    (letter,) = post()

    assert letter.to == ["vera@example.org"]
    for _scanner in range(3):
        assert client.get(link_in(letter)).status_code == 200
    assert EmailAddress.objects.get().verified is False
    client.post(link_in(letter))
    assert EmailAddress.objects.get().verified is True


def test_confirmation_in_the_same_browser_signs_in_and_offers_consents(client, policy, post):
    client.post("/accounts/signup/", form())
    (letter,) = post()

    answer = client.post(link_in(letter))

    assert answer["Location"] == "/me/consents/"
    assert client.get("/me/").status_code == 200


def test_confirmation_in_another_browser_does_not_sign_in(client, policy, post):
    client.post("/accounts/signup/", form())
    (letter,) = post()
    other = Client()

    answer = other.post(link_in(letter))

    assert answer["Location"] == "/accounts/login/"
    assert other.get("/me/").status_code == 302


def test_confirmation_works_once(client, policy, post):
    client.post("/accounts/signup/", form())
    (letter,) = post()
    client.post(link_in(letter))

    assert Client().post(link_in(letter)).status_code == 404


def test_sign_in_takes_any_letter_case(client):
    make_user(address="vera@example.org")

    answer = client.post("/accounts/login/", {"login": "VERA@Example.Org", "password": PASSWORD})

    assert answer["Location"] == "/me/"
    assert client.get("/me/").status_code == 200


def test_sign_in_with_a_token_instead_of_the_address_fails(client):
    user = make_user()

    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert answer.status_code == 200
    assert client.get("/me/").status_code == 302


def test_second_sign_up_with_the_same_address_in_capitals_opens_no_second_account(client, policy, post):
    sign_up(client, post)
    cache.clear()  # three minutes later: one letter an address in that time

    answer = Client().post("/accounts/signup/", form("VERA@EXAMPLE.ORG"))

    assert answer["Location"] == "/accounts/confirm-email/"
    assert User.objects.count() == Subject.objects.count() == 1
    (letter,) = post()
    assert letter.to == ["vera@example.org"]
    assert "/accounts/password/reset/" in letter.body


def test_new_password_by_link_works_once_and_signs_out_every_browser(client, post):
    make_user(address="vera@example.org")
    client.post("/accounts/login/", {"login": "vera@example.org", "password": PASSWORD})
    other = Client()
    other.post("/accounts/password/reset/", {"email": "Vera@example.org"})
    (letter,) = post()

    page = other.get(link_in(letter), follow=True)
    answer = other.post(
        page.request["PATH_INFO"], {"password1": "quill-rowan-thicket-7", "password2": "quill-rowan-thicket-7"}
    )

    assert answer.status_code == 302
    assert client.get("/me/").status_code == 302
    assert "set-password" not in Client().get(link_in(letter)).headers.get("Location", "")
    login = Client().post("/accounts/login/", {"login": "vera@example.org", "password": "quill-rowan-thicket-7"})
    assert login["Location"] == "/me/"


def test_new_password_confirms_the_address_and_drops_a_change_that_was_waiting(client, policy, post):
    """Somebody else opened the account with my address, and wanted to move it to theirs."""
    client.post("/accounts/signup/", form("mine@example.org"))
    post()
    mine = Client()
    mine.post("/accounts/password/reset/", {"email": "mine@example.org"})
    (letter,) = post()
    page = mine.get(link_in(letter), follow=True)
    mine.post(page.request["PATH_INFO"], {"password1": "quill-rowan-thicket-7", "password2": "quill-rowan-thicket-7"})

    assert list(EmailAddress.objects.values_list("verified", "primary")) == [(True, True)]
    assert Client().post("/accounts/login/", {"login": "mine@example.org", "password": PASSWORD}).status_code == 200


def test_new_password_for_an_unknown_address_sends_nothing(client, post):
    make_user()

    answer = client.post("/accounts/password/reset/", {"email": "stranger@example.org"})

    assert answer["Location"] == "/accounts/password/reset/done/"
    assert post() == []


def test_reset_link_points_to_the_portals_own_address_whatever_host_was_asked(client, post, settings):
    settings.ALLOWED_HOSTS = ["evil.example.org", "testserver"]
    make_user(address="vera@example.org")

    client.post("/accounts/password/reset/", {"email": "vera@example.org"}, HTTP_HOST="evil.example.org")

    (letter,) = post()
    assert "evil.example.org" not in letter.body
    assert "http://testserver/accounts/password/reset/key/" in letter.body


# --- an address that nobody confirms -----------------------------------------------------------------------------


def test_unconfirmed_account_has_a_term_which_ends_with_the_confirmation(client, policy, post):
    client.post("/accounts/signup/", form())
    (letter,) = post()

    clock = Clock.objects.get()
    assert (clock.trigger, clock.cancelled_at) == ("never_confirmed", None)
    client.post(link_in(letter))
    clock.refresh_from_db()
    assert clock.cancelled_at is not None


def test_unconfirmed_account_is_destroyed_when_its_term_is_over(client, policy, post):
    client.post("/accounts/signup/", form())
    post()

    destroy_due(Clock.objects.get().due_at, dry_run=False)

    assert not User.objects.exists()
    assert not MailAddress.objects.exists()
    assert Subject.objects.get().destroyed_at is not None


def test_open_account_refuses_an_address_that_was_taken_in_the_same_moment(policy):
    make_user(address="vera@example.org")
    user = User(role=Role.USER)
    user.set_unusable_password()

    with pytest.raises(AddressTaken):
        open_account(user=user, address="Vera@example.org", names={}, at=JOINED_AT, policy_shown=policy_hash())

    assert Subject.objects.count() == 1


def test_mails_follow_the_language_of_the_last_visit(client):
    user = make_user(address="vera@example.org", language="ru")
    client.cookies["django_language"] = "en"

    client.post("/accounts/login/", {"login": "vera@example.org", "password": PASSWORD})

    user.refresh_from_db()
    assert user.language == "en"
