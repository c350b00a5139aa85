"""The real server: what it answers, and that its log names no client."""

import http.client
import socket

from operator_portal.testing.running import RunningPortal

CLIENT = "127.0.0.77"


def raw_request(portal: RunningPortal, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", portal.port), timeout=10, source_address=(CLIENT, 0)) as client:
        client.sendall(request)
        answer = b""
        while block := client.recv(65536):
            answer += block
        return answer


def test_a_request_that_cannot_be_parsed_leaves_no_address_in_the_log(running_portal: RunningPortal) -> None:
    answer = raw_request(running_portal, b"GET / HTTP/1.1\r\nHost: a\r\nBad Header Canary: x\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400")
    log = running_portal.log("web").read_text()
    assert "A request could not be parsed" in log
    assert CLIENT not in log
    assert "Canary" not in log


def test_a_visit_leaves_neither_address_nor_browser_in_the_log(running_portal: RunningPortal) -> None:
    headers = {"X-Forwarded-For": "203.0.113.77", "User-Agent": "Canary/1", "Referer": "https://canary.example.com/"}
    for path in ("/", "/no-such-page/canary/", "/accounts/login/"):
        web = http.client.HTTPConnection("127.0.0.1", running_portal.port, source_address=(CLIENT, 0))
        web.request("GET", path, headers=headers)
        assert web.getresponse().read()
        web.close()

    log = running_portal.log("web").read_text()
    assert [needle for needle in (CLIENT, "203.0.113.77", "Canary/1", "canary.example.com") if needle in log] == []


def test_the_portal_is_ready(running_portal: RunningPortal) -> None:
    web = http.client.HTTPConnection("127.0.0.1", running_portal.port)
    web.request("GET", "/readyz")
    answer = web.getresponse()

    assert (answer.status, answer.read()) == (
        200,
        b'{"database": "ok", "keyring": "ok", "log": "ok", "broker": "ok", "restore": "ok"}',
    )
    web.close()
