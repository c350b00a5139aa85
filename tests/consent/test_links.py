"""The token of a mail's link: sealed, for one reader and one purpose, readable to nobody else, and for ever."""

import base64
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from consent import links
from consent.links import TOKEN_LENGTH, NotALink, WayOut, read
from consent.suppression import digest_of
from personal_data import keyring
from profiles import current

SUBJECT = UUID("0b5e9c1e-0000-4000-8000-000000000001")


def way_out(purpose: str = "ads") -> WayOut:
    return WayOut(subject_id=SUBJECT, digest=digest_of("anna@example.org"), purpose=purpose)


def test_token_says_whom_at_which_address_and_for_what():
    assert read(way_out().token) == way_out()


def test_tokens_have_one_length_whatever_the_purpose():
    codes = [*current().purposes, "a", "a" * 40]

    assert {len(way_out(code).token) for code in codes} == {TOKEN_LENGTH}
    assert [read(way_out(code).token).purpose for code in codes] == codes


def test_nothing_can_be_read_in_a_token():
    raw = base64.urlsafe_b64decode(way_out().token)

    for secret in (SUBJECT.bytes, SUBJECT.hex.encode(), digest_of("anna@example.org"), b"anna", b"ads"):
        assert secret not in raw


def test_two_tokens_of_one_reader_do_not_tell_that_they_are_of_one():
    assert len({way_out().token for _ in range(20)}) == 20


def wrong_tokens() -> list[str]:
    token = way_out().token
    other = WayOut(subject_id=uuid4(), digest=bytes(32), purpose="ads").token
    return [
        "",
        "x",
        "я" * TOKEN_LENGTH,
        "A" * TOKEN_LENGTH,
        token[:-1],
        token + "A",
        token[:-4],
        token[:60] + other[60:],
        "B" + token[1:],
        token[:20] + ("A" if token[20] != "A" else "B") + token[21:],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.replace(token[40], "!", 1),
        token + "==",
    ]


@pytest.mark.parametrize("token", wrong_tokens())
def test_altered_cut_or_invented_token_is_no_link(token):
    with pytest.raises(NotALink):
        read(token)


@pytest.mark.parametrize("token", [way_out().token, *wrong_tokens()])
def test_every_token_costs_one_decryption(token, monkeypatch):
    """So the time tells no wrong one from another, nor from a right one."""
    asked = []
    cipher = links._cipher()

    class Counting:
        def decrypt(self, nonce: bytes, data: bytes, place: bytes) -> bytes:
            asked.append(len(data))
            return cipher.decrypt(nonce, data, place)

    monkeypatch.setattr(links, "_cipher", Counting)
    with suppress(NotALink):
        read(token)

    assert asked == [104]


def test_token_of_another_portal_is_no_link(monkeypatch):
    token = way_out().token
    monkeypatch.setattr(keyring, "derived", keyring.Keyring.new().derive)

    with pytest.raises(NotALink):
        read(token)


def test_link_is_on_the_portals_own_address():
    assert way_out().unsubscribe_url.startswith("http://testserver/unsubscribe/")
    assert way_out().withdraw_url.startswith("http://testserver/w/")
