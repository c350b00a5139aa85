import pytest

from accounts import border
from accounts.models import MailAddress
from personal_data.scope import processing
from tests.factories.accounts import make_user


def test_token_is_the_same_for_every_spelling_of_an_address():
    spellings = ["Anna@Example.org", " anna@example.org", "ANNA@EXAMPLE.ORG"]

    assert {border.token(spelling) for spelling in spellings} == {border.token("anna@example.org")}


def test_token_differs_for_another_address():
    assert border.token("anna@example.org") != border.token("anna@example.ru")


def test_token_is_an_undeliverable_address_that_says_nothing():
    token = border.token("anna@example.org")

    local, _, domain = token.partition("@")
    assert domain == "s.invalid"
    assert len(local) == 52
    assert "anna" not in token


def test_digest_of_returns_what_the_token_was_made_of():
    index = MailAddress._meta.get_field("address_index")

    assert border.digest_of(border.token("anna@example.org")) == index.digest("anna@example.org")


@pytest.mark.parametrize(
    "text", ["", "anna@example.org", "@s.invalid", "abc@s.invalid", "ы@s.invalid", "1" * 52 + "@s.invalid"]
)
def test_digest_of_anything_else_is_none(text):
    assert border.digest_of(text) is None


@pytest.mark.parametrize("text", ["x@s.invalid", "x@S.INVALID", "x@s.invalid.", "x@mail.s.invalid", " x@s.invalid "])
def test_is_token_knows_every_spelling_of_the_domain(text):
    assert border.is_token(text)


def test_is_token_lets_ordinary_addresses_pass():
    assert not border.is_token("x@ss.invalid")
    assert not border.is_token("s.invalid@example.org")


@pytest.mark.django_db
def test_address_of_leads_from_the_token_to_the_address_inside_of_processing():
    user = make_user(address="Anna@example.org")

    with processing("security", actor=user.actor):
        assert border.address_of(user.subject_id) == "Anna@example.org"
        assert border.address_of(user.subject_id, user.email) == "Anna@example.org"
        assert border.address_of(user.subject_id, border.token("other@example.org")) is None


@pytest.mark.django_db
def test_subject_of_finds_the_account_of_a_token_without_opening_anything():
    user = make_user()

    assert border.subject_of(border.token("ANNA@example.org")) == user.subject_id
    assert border.subject_of(border.token("nobody@example.org")) is None
