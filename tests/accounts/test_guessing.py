"""Guessing passwords, and guessing who is here."""

import hashlib
import re
from typing import Any

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.hashers import BasePasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import border
from accounts.forms import LoginForm
from accounts.guessing import counter_of
from accounts.models import ResetRequest
from tests.accounts.conftest import Post, link_in, redis_of_cache
from tests.accounts.test_doors import form
from tests.factories.accounts import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db

LIMIT = 10


def fail(client: Client, times: int, address: str = "vera@example.org") -> list[int]:
    """Wrong passwords, each from another minute, so that only axes counts them."""
    statuses = []
    for _number in range(times):
        forget_allauths_limits()
        statuses.append(client.post("/accounts/login/", {"login": address, "password": "wrong-guess"}).status_code)
    forget_allauths_limits()
    return statuses


def forget_allauths_limits() -> None:
    for key in keys_in_cache():
        if ":allauth:" in key:
            cache.delete(key.partition(":1:")[2])


def keys_in_cache() -> list[str]:
    return [key.decode() for key in redis_of_cache().scan_iter("*")]


def contents_of_cache() -> str:
    redis = redis_of_cache()
    return " ".join(str(redis.get(key)) for key in redis.scan_iter("*"))


def test_many_wrong_passwords_make_a_pause(client):
    make_user(address="vera@example.org")

    assert fail(client, LIMIT) == [200] * (LIMIT - 1) + [429]
    assert client.post("/accounts/login/", {"login": "vera@example.org", "password": PASSWORD}).status_code == 429


def test_pause_ends_by_itself_and_is_not_made_longer_by_more_attempts(client):
    make_user(address="vera@example.org")
    fail(client, LIMIT)
    (counter,) = [key for key in keys_in_cache() if "axes" in key]
    redis = redis_of_cache()
    redis.expire(counter, 60)

    fail(client, 3)

    assert 0 < redis.ttl(counter) <= 60


def test_pause_of_one_account_touches_no_other(client):
    make_user(address="vera@example.org")
    make_user(address="boris@example.org")
    fail(client, LIMIT)

    assert client.post("/accounts/login/", {"login": "boris@example.org", "password": PASSWORD}).status_code == 302


def test_owner_comes_in_by_a_new_password_during_the_pause(client, post: Post):
    make_user(address="vera@example.org")
    fail(Client(), LIMIT)
    client.post("/accounts/password/reset/", {"email": "vera@example.org"})
    (letter,) = post()
    page = client.get(link_in(letter), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "quill-rowan-thicket-7", "password2": "quill-rowan-thicket-7"})

    answer = client.post("/accounts/login/", {"login": "vera@example.org", "password": "quill-rowan-thicket-7"})

    assert answer.status_code == 302


def test_success_forgets_the_failures(client):
    make_user(address="vera@example.org")
    fail(client, LIMIT - 1)

    client.post("/accounts/login/", {"login": "vera@example.org", "password": PASSWORD})

    assert [key for key in keys_in_cache() if "axes" in key] == []


def test_too_many_sign_ups_from_one_place_get_the_page_that_says_wait(client, policy):
    statuses = [client.post("/accounts/signup/", form(f"a{number}@example.org")).status_code for number in range(21)]

    assert statuses[-1] == 429


def test_cache_knows_neither_addresses_nor_their_plain_digests(client, policy, post: Post):
    make_user(address="vera@example.org")
    fail(client, 2, "Vera@example.org")
    client.post("/accounts/login/", {"login": "vera@example.org", "password": "wrong-guess"})
    client.post("/accounts/password/reset/", {"email": "vera@example.org"}, HTTP_X_FORWARDED_FOR="203.0.113.77")
    client.post("/accounts/signup/", form("new@example.org"), HTTP_USER_AGENT="canary-UA-4711")
    post()

    known = " ".join(keys_in_cache()) + contents_of_cache()

    assert "allauth" in known
    assert "axes" in known
    for address in ("vera@example.org", "new@example.org"):
        sites = ["", "testserver:", "example.com:"]
        plain = [hashlib.sha256(f"{site}{address}".encode()).hexdigest() for site in sites]
        assert not [form for form in (address, *plain) if form in known]
    assert "203.0.113.77" not in known
    assert "canary-UA-4711" not in known


def test_allauth_still_asks_the_adapter_for_the_key_of_failed_sign_ins():
    """Private, and nothing of ours replaces it: it gets a token, because the form has made one of the address."""
    assert callable(DefaultAccountAdapter._get_login_attempts_cache_key)
    assert LoginForm.clean_login is not LoginForm.__mro__[2].clean_login


def test_counter_of_failed_sign_ins_is_keyed():
    token = border.token("vera@example.org")

    assert counter_of(token) not in (token, hashlib.sha256(token.encode()).hexdigest())
    assert counter_of(token) == counter_of(token)


# --- nobody can learn who is here ---------------------------------------------------------------------------------


def page_of(answer) -> str:
    """The bytes, without what is random in every answer."""
    text = answer.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


class Work:
    """What a request costs: queries and hashed passwords."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, client: Client, path: str, data: dict[str, str]) -> None:
        self.hashes = 0
        for hasher in {type(h) for h in _hashers()}:
            for name in ("encode", "verify"):
                monkeypatch.setattr(hasher, name, self._counting(getattr(hasher, name)))
        with CaptureQueriesContext(connection) as queries:
            self.answer = client.post(path, data)
        self.queries = [_shape(query["sql"]) for query in queries]
        monkeypatch.undo()

    def _counting(self, method: Any) -> Any:
        def counted(*args: Any, **kwargs: Any) -> Any:
            if not self._inside:
                self.hashes += 1
            self._inside = True
            try:
                return method(*args, **kwargs)
            finally:
                self._inside = False

        return counted

    _inside = False

    def queries_of(self, *verbs: str) -> list[str]:
        return sorted(query for query in self.queries if query.split()[0] in verbs)


def _hashers() -> list[BasePasswordHasher]:
    from django.contrib.auth.hashers import get_hashers

    return list(get_hashers())


def _shape(sql: str) -> str:
    """The verb and the table: what a query costs, and not whom it is about."""
    words = re.findall(r'(?:FROM|INTO|UPDATE) "(\w+)"', sql)
    return " ".join([sql.split(maxsplit=1)[0], *words[:1]])


def test_sign_up_answers_the_same_for_known_and_unknown(client, policy):
    make_user(address="vera@example.org")
    known, unknown = Client(), Client()

    answers = [
        known.post("/accounts/signup/", form("vera@example.org")),
        unknown.post("/accounts/signup/", form("nobody@example.org")),
    ]
    pages = [browser.get("/accounts/confirm-email/") for browser in (known, unknown)]

    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0]["Location"] == answers[1]["Location"]
    assert page_of(pages[0]) == page_of(pages[1])
    assert known.cookies.keys() == unknown.cookies.keys()


def test_sign_up_does_the_same_work_for_known_and_unknown(monkeypatch, policy):
    make_user(address="vera@example.org")
    Client().post("/accounts/signup/", form("warm@example.org", first_name="Вера"))

    known = Work(monkeypatch, Client(), "/accounts/signup/", form("vera@example.org", first_name="Вера"))
    unknown = Work(monkeypatch, Client(), "/accounts/signup/", form("nobody@example.org", first_name="Вера"))

    assert known.hashes == unknown.hashes == 1
    assert known.queries_of("INSERT", "UPDATE") == unknown.queries_of("INSERT", "UPDATE")
    assert abs(len(known.queries) - len(unknown.queries)) <= 3


def test_reset_answers_the_same_and_does_the_same_work(monkeypatch):
    make_user(address="vera@example.org")

    known = Work(monkeypatch, Client(), "/accounts/password/reset/", {"email": "vera@example.org"})
    unknown = Work(monkeypatch, Client(), "/accounts/password/reset/", {"email": "nobody@example.org"})

    assert page_of(known.answer) == page_of(unknown.answer)
    assert known.answer["Location"] == unknown.answer["Location"]
    assert known.queries == unknown.queries
    assert ResetRequest.objects.count() == 2


def test_sign_in_answers_the_same_and_hashes_once(monkeypatch):
    make_user(address="vera@example.org")
    browser = Client()
    browser.get("/accounts/login/")

    known = Work(monkeypatch, browser, "/accounts/login/", {"login": "vera@example.org", "password": "wrong-guess"})
    unknown = Work(monkeypatch, browser, "/accounts/login/", {"login": "nova@example.org", "password": "wrong-guess"})

    assert known.answer.status_code == unknown.answer.status_code == 200
    assert page_of(known.answer).replace("vera@", "nova@") == page_of(unknown.answer)
    assert known.hashes == unknown.hashes == 1
    assert abs(len(known.queries) - len(unknown.queries)) <= 1


def test_change_of_address_answers_the_same_and_does_the_same_work(monkeypatch, client):
    make_user(address="vera@example.org")
    sign_in(client, make_user(address="me@example.org"))
    client.post("/accounts/email/", {"email": "warm@example.org", "action_add": ""})

    known = Work(monkeypatch, client, "/accounts/email/", {"email": "vera@example.org", "action_add": ""})
    unknown = Work(monkeypatch, client, "/accounts/email/", {"email": "nobody@example.org", "action_add": ""})

    assert known.answer["Location"] == unknown.answer["Location"]
    assert known.queries == unknown.queries
