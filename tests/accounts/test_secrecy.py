"""After everything a person can do with an account, what they told is readable in no table, cache, queue or log."""

import logging
from collections.abc import Iterator

import psycopg
import pytest
from django.test import Client

from accounts import border
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.search import search
from tests.accounts.conftest import Post, link_in, redis_of_cache
from tests.accounts.test_doors import form
from tests.accounts.test_second_factor import set_up_app
from tests.factories.accounts import PASSWORD

NEW_PASSWORD = "quill-rowan-thicket-7"
NEEDLES = [
    "canary-vera-4711@example.org",
    "canary-moved-4712@example.org",
    "canary-unknown-4713@example.org",
    "Канарейкина",
    "Канарейка-Вера",
    "Kanareevna",
    "203.0.113.77",
    "canary-UA-4711",
    "https://canary-referrer.example.org",
    NEW_PASSWORD,
]
TELLTALE = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.77",
    "HTTP_USER_AGENT": "canary-UA-4711",
    "HTTP_REFERER": "https://canary-referrer.example.org/page",
}


def browser() -> Client:
    client = Client()
    client.defaults.update(TELLTALE)
    return client


def all_tables(connection: psycopg.Connection) -> Iterator[tuple[str, bytes]]:
    tables = connection.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text IN "
        "('public', 'vault')"
    ).fetchall()
    for (table,) in tables:
        with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
            yield table, b"".join(bytes(block) for block in copy)


def everything_in_memory() -> bytes:
    redis = redis_of_cache()
    return b"\n".join(key + b"=" + (redis.dump(key) or b"") for key in redis.scan_iter("*"))


def found_in(data: bytes) -> list[str]:
    return sorted({NEEDLES[hit.needle - 1] for hit in search(data, Needles.of(NEEDLES)).hits})


def live(post: Post) -> None:
    """Sign-up, failures, a change of address, a second factor, a new password, a page that is not there."""
    client = browser()
    names = {"last_name": "Канарейкина", "first_name": "Канарейка-Вера", "patronymic": "Kanareevna"}
    client.post("/accounts/signup/", form("Canary-Vera-4711@example.org", **names))
    (letter,) = post()
    client.post(link_in(letter))
    assert client.get("/me/").status_code == 200
    client.post("/me/profile/", {**names, "patronymic": "Kanareevna"})
    client.post("/accounts/email/", {"email": "canary-moved-4712@example.org", "action_add": ""})  # who is it?
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "canary-moved-4712@example.org", "action_add": ""})
    client.post(link_in(post()[0]))
    set_up_app(client)
    stranger = browser()
    stranger.post("/accounts/login/", {"login": "canary-moved-4712@example.org", "password": "wrong-guess"})
    stranger.post("/accounts/login/", {"login": "canary-unknown-4713@example.org", "password": "wrong-guess"})
    stranger.post("/accounts/password/reset/", {"email": "canary-unknown-4713@example.org"})
    stranger.post("/accounts/signup/", form("canary-moved-4712@example.org"))
    stranger.post("/accounts/signup/", form("canary-unknown-4713@example.org", role="admin"))
    stranger.post("/accounts/password/reset/", {"email": "canary-moved-4712@example.org"})
    letters = [letter for letter in post() if "reset/key" in letter.body]
    page = stranger.get(link_in(letters[-1]), follow=True)
    stranger.post(page.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    stranger.get("/accounts/canary-UA-4711/nothing/")


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_told_is_readable_in_tables_cache_or_log(policy, post, as_superuser, caplog):
    caplog.set_level(logging.DEBUG)

    live(post)

    tables = dict(all_tables(as_superuser))
    log = caplog.text.replace("/accounts/canary-UA-4711/nothing/", "")  # asked for as an address of a page
    assert {table: found for table, data in tables.items() if (found := found_in(data))} == {}
    assert found_in(everything_in_memory()) == []
    assert found_in(log.encode()) == []
    assert all([tables["accounts_mailaddress"], tables["accounts_profile"], everything_in_memory(), log])


@pytest.mark.django_db(transaction=True)
def test_scan_would_have_found_it(policy, as_superuser):
    """The same eyes on a table where it stands in the clear."""
    as_superuser.execute("INSERT INTO accounts_resetrequest VALUES (gen_random_uuid(), %s, 'ru', now())", [NEEDLES[0]])

    tables = dict(all_tables(as_superuser))

    assert found_in(tables["accounts_resetrequest"]) == [NEEDLES[0]]


@pytest.mark.django_db(transaction=True)
def test_token_resolves_to_nothing_in_the_database(policy, post, as_superuser):
    """Whoever has the whole database and a token has no address."""
    Client().post("/accounts/signup/", form("canary-vera-4711@example.org"))
    post()
    token = border.token("canary-vera-4711@example.org")

    holders = sorted(table for table, data in all_tables(as_superuser) if token.encode() in data)

    assert holders == ["account_emailaddress", "accounts_user", "notifications_outgoingmail"]
    assert PASSWORD.encode() not in b"".join(data for _table, data in all_tables(as_superuser))
