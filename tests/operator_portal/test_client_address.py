import ipaddress
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import time_machine

from operator_portal.client_address import KEY_VARIABLE, HiddenClient

CLIENT = "203.0.113.77"
PAGE = {"REMOTE_ADDR": CLIENT, "HTTP_HOST": "portal.example.org", "PATH_INFO": "/"}


def seen_behind(environ: dict[str, Any], *, trusted_proxies: int = 0, keeps_visit_data: bool = False) -> dict[str, Any]:
    """What the application gets to see."""
    seen: dict[str, Any] = {}

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.update(environ)
        return []

    layer = HiddenClient(application, trusted_proxies=trusted_proxies, keeps_visit_data=lambda: keeps_visit_data)
    layer({**PAGE, **environ}, lambda *_: lambda _: None)
    return seen


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "11" * 32)


def test_the_application_sees_a_pseudonym_of_the_private_range() -> None:
    address = ipaddress.ip_address(seen_behind({})["REMOTE_ADDR"])

    assert address in ipaddress.ip_network("fd00::/8")


def test_one_client_keeps_its_pseudonym_for_the_day_and_another_has_another() -> None:
    with time_machine.travel("2026-03-02T00:00:01Z"):
        morning = seen_behind({})["REMOTE_ADDR"]
        somebody_else = seen_behind({"REMOTE_ADDR": "203.0.113.78"})["REMOTE_ADDR"]
    with time_machine.travel("2026-03-02T23:59:59Z"):
        evening = seen_behind({})["REMOTE_ADDR"]
    with time_machine.travel("2026-03-03T00:00:01Z"):
        next_day = seen_behind({})["REMOTE_ADDR"]

    assert morning == evening
    assert len({morning, somebody_else, next_day}) == 3


def test_without_a_key_from_the_server_each_process_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE)

    assert seen_behind({})["REMOTE_ADDR"] != seen_behind({})["REMOTE_ADDR"]


def test_addresses_of_one_household_count_as_one_client() -> None:
    first = seen_behind({"REMOTE_ADDR": "2001:db8:1:2::1"})["REMOTE_ADDR"]

    assert seen_behind({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"})["REMOTE_ADDR"] == first
    assert seen_behind({"REMOTE_ADDR": "2001:db8:1:3::1"})["REMOTE_ADDR"] != first
    assert seen_behind({"REMOTE_ADDR": f"::ffff:{CLIENT}"})["REMOTE_ADDR"] == seen_behind({})["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("trusted_proxies", "chain", "client"),
    [
        (0, "198.51.100.9", CLIENT),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "6.6.6.6, 198.51.100.9", "198.51.100.9"),
        (2, "6.6.6.6, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
        (2, "198.51.100.9", CLIENT),
        (1, "", CLIENT),
    ],
)
def test_the_client_is_whom_our_outermost_proxy_saw(trusted_proxies: int, chain: str, client: str) -> None:
    seen = seen_behind({"HTTP_X_FORWARDED_FOR": chain}, trusted_proxies=trusted_proxies)

    assert seen["REMOTE_ADDR"] == seen_behind({"REMOTE_ADDR": client})["REMOTE_ADDR"]


@pytest.mark.parametrize(
    "header",
    [
        *("X_FORWARDED_FOR", "X_REAL_IP", "FORWARDED", "VIA", "CF_CONNECTING_IP", "TRUE_CLIENT_IP", "X_CLIENT_IP"),
        *("X_CLUSTER_CLIENT_IP", "X_FORWARDED", "FROM", "FLY_CLIENT_IP", "A_VENDOR_NOBODY_KNOWS"),
    ],
)
def test_no_header_tells_the_address_again(header: str) -> None:
    assert f"HTTP_{header}" not in seen_behind({f"HTTP_{header}": "203.0.113.77, 10.0.0.1"}, trusted_proxies=1)


def test_nothing_that_names_the_peer_is_left_behind() -> None:
    seen = seen_behind({"REMOTE_HOST": CLIENT, "REMOTE_PORT": "5555", "gunicorn.socket": f"<socket raddr={CLIENT}>"})

    assert CLIENT not in repr(seen)


def test_headers_the_portal_needs_stay() -> None:
    needed = {
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_ORIGIN": "https://portal.example.org",
        "HTTP_ACCEPT_LANGUAGE": "ru",
        "HTTP_SEC_GPC": "1",
        "HTTP_COOKIE": "sessionid=1",
        "HTTP_HOST": "127.0.0.1:8000",
    }

    assert needed.items() <= seen_behind(needed).items()


def test_the_browser_is_not_named() -> None:
    seen = seen_behind({"HTTP_USER_AGENT": "Canary/1", "HTTP_SEC_CH_UA_PLATFORM": "Canary", "HTTP_SEC_CH_UA": "Canary"})

    assert "Canary" not in repr(seen)


def test_of_the_referrer_only_our_own_origin_stays() -> None:
    own = seen_behind({"HTTP_REFERER": "https://portal.example.org/accounts/password/reset/key/secret/?a=b"})
    foreign = seen_behind({"HTTP_REFERER": "https://search.example.com/?q=canary"})

    assert own["HTTP_REFERER"] == "https://portal.example.org/"
    assert "HTTP_REFERER" not in foreign
    assert "HTTP_REFERER" not in seen_behind({})


def test_a_profile_that_declares_visit_data_keeps_the_browser_but_never_the_address() -> None:
    seen = seen_behind({"HTTP_USER_AGENT": "Canary/1", "HTTP_REFERER": "https://a.example/b"}, keeps_visit_data=True)

    assert seen["HTTP_USER_AGENT"] == "Canary/1"
    assert seen["HTTP_REFERER"] == "https://a.example/b"
    assert CLIENT not in repr(seen)
