import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from accounts import border
from accounts.models import MailAddress, User
from notifications.models import MailContent
from personal_data.scope import processing
from processing_log.models import Event
from tests.accounts.conftest import link_in
from tests.accounts.test_doors import form
from tests.factories.accounts import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db


def ask_for_change(client: Client, to: str) -> None:
    answer = client.post("/accounts/email/", {"email": to, "action_add": ""})
    assert answer.status_code == 302


def held_addresses(user: User) -> list[str]:
    with processing("rights", actor=user.actor):
        return sorted(row.address for row in MailAddress.objects.filter(subject_id=user.subject_id))


def test_change_waits_until_the_new_address_is_confirmed(client, post):
    user = make_user(address="old@example.org")
    sign_in(client, user)

    ask_for_change(client, "new@example.org")

    (letter,) = post()
    assert letter.to == ["new@example.org"]
    user.refresh_from_db()
    assert user.email == border.token("old@example.org")
    page = client.get("/accounts/email/").content.decode()
    assert "old@example.org" in page
    assert "new@example.org" in page


def test_confirmed_change_tells_the_old_address_and_forgets_it(client, post):
    user = make_user(address="old@example.org")
    sign_in(client, user)
    ask_for_change(client, "new@example.org")
    (letter,) = post()

    Client().post(link_in(letter))

    (farewell,) = post()
    assert farewell.to == ["old@example.org"]
    assert "new@example.org" not in farewell.body
    user.refresh_from_db()
    assert user.email == border.token("new@example.org")
    assert held_addresses(user) == ["new@example.org"]
    assert not MailContent.objects.exists()
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [user.email]
    assert Event.objects.filter(fact="address_changed", subject=user.subject_id).count() == 1


def test_after_a_change_only_the_new_address_signs_in(client, post):
    sign_in(client, make_user(address="old@example.org"))
    ask_for_change(client, "new@example.org")
    (letter,) = post()
    client.post(link_in(letter))

    assert Client().post("/accounts/login/", {"login": "new@example.org", "password": PASSWORD}).status_code == 302
    assert Client().post("/accounts/login/", {"login": "old@example.org", "password": PASSWORD}).status_code == 200


def test_second_wish_replaces_the_first(client, post):
    user = make_user(address="old@example.org")
    sign_in(client, user)
    ask_for_change(client, "first@example.org")
    (first,) = post()
    ask_for_change(client, "second@example.org")

    assert held_addresses(user) == ["old@example.org", "second@example.org"]
    assert client.post(link_in(first)).status_code == 404


def test_change_can_be_given_up(client, post):
    user = make_user(address="old@example.org")
    sign_in(client, user)
    ask_for_change(client, "new@example.org")

    client.post("/accounts/email/", {"email": border.token("new@example.org"), "action_remove": ""})

    assert held_addresses(user) == ["old@example.org"]
    assert EmailAddress.objects.count() == 1


def test_change_to_an_address_of_somebody_else_looks_the_same_and_tells_its_owner(client, post):
    make_user(address="victim@example.org")
    user = make_user(address="old@example.org")
    sign_in(client, user)

    ask_for_change(client, "victim@example.org")

    (letter,) = post()
    assert letter.to == ["victim@example.org"]
    assert "confirm-email" not in letter.body
    page = client.get("/accounts/email/").content.decode()
    assert "victim@example.org" in page


def test_address_that_somebody_else_waits_for_can_still_sign_up_and_get_a_new_password(client, policy, post):
    """A change that was never confirmed is no claim on an address."""
    attacker = make_user(address="attacker@example.org")
    sign_in(client, attacker)
    ask_for_change(client, "vera@example.org")
    post()
    cache.clear()
    vera = Client()

    vera.post("/accounts/signup/", form("vera@example.org"))
    (letter,) = post()
    vera.post(link_in(letter))
    Client().post("/accounts/password/reset/", {"email": "vera@example.org"})
    (reset,) = post()

    owner = User.objects.get(email=border.token("vera@example.org"))
    assert owner != attacker
    assert owner.pk.hex in reset.body
    assert EmailAddress.objects.get(user=owner).verified is True


def test_change_of_address_asks_again_who_it_is_and_keeps_nothing_of_the_form(client):
    user = make_user()
    sign_in(client, user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 1.0}]
    session.save()

    answer = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})

    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"
    assert "new@example.org" not in str(dict(client.session))
    assert held_addresses(user) == ["anna@example.org"]


@pytest.mark.parametrize("address", ["x@s.invalid", "not an address", "old@example.org"])
def test_change_to_a_token_to_nonsense_or_to_the_present_address_is_refused(client, address):
    user = make_user(address="old@example.org")
    sign_in(client, user)

    answer = client.post("/accounts/email/", {"email": address, "action_add": ""})

    assert answer.status_code == 200
    assert held_addresses(user) == ["old@example.org"]
