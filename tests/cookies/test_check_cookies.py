"""The check of the running site: it walks through all of the portal and finds nothing, and it finds what is planted."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cookies.browsing import Walk
from cookies.crawling import Crawl
from cookies.findings import Finding, NotReached
from cookies.registry import registry

LEAST_PAGES = 15
PLANTED = {
    "/": (
        b"<html><head><link rel=icon href='data:,'><title>x</title></head><body><a href='/second/'>on</a>"
        b"<a href='https://elsewhere.example/'>a link is no visit</a></body></html>"
    ),
    "/second/": (
        b"<html><body><img src='http://localhost:%d/pixel.png'>"
        b"<script>document.cookie='by_script=1'; localStorage.setItem('kept', '1')</script></body></html>"
    ),
    "/pixel.png": b"",
}


class _Planted(BaseHTTPRequestHandler):
    """A site that does what none of ours may."""

    def do_GET(self) -> None:
        body = PLANTED.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "text/html")
        if self.path == "/second/":
            self.send_header("Set-Cookie", "by_header=1; Path=/")
            self.send_header("Set-Cookie", "theme=dark; Path=/")
            self.send_header(
                "Content-Security-Policy", "default-src 'self' 'unsafe-inline'; img-src *.planted.example *"
            )
        self.end_headers()
        body = body or b""
        self.wfile.write(body % self.server.server_port if b"%d" in body else body)  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nobody reads it."""


@pytest.fixture
def planted() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Planted)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def seen(report: Any) -> set[tuple[str, str]]:
    return {(finding.what, finding.name) for finding in report.findings}


# --- what is planted is found -----------------------------------------------------------------------------------------


def test_crawl_finds_unknown_cookies_hosts_and_what_the_policy_lets_in(planted):
    report = Crawl(registry=registry(), home=planted).run()

    port = planted.rpartition(":")[2]
    assert report.pages == 2
    assert seen(report) == {
        ("cookie", "by_header"),
        ("host", f"localhost:{port}"),
        ("host", "*.planted.example"),
        ("host", "*"),
    }
    assert Finding(what="cookie", name="by_header", page="/second/") in report.findings


def test_walk_in_a_browser_finds_also_what_scripts_do(planted, browser):
    with browser.new_context() as context:
        report = Walk(registry=registry(), home=planted).run(context)

    port = planted.rpartition(":")[2]
    assert seen(report) == {
        ("cookie", "by_header"),
        ("cookie", "by_script"),
        ("storage", "kept"),
        ("host", f"localhost:{port}"),
    }


def test_check_cookies_says_where_and_exits_with_1(planted, capsys):
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_cookies", url=planted, json=True, stdout=out)

    assert ended.value.code == 1
    assert {"what": "cookie", "name": "by_header", "page": "/second/"} in json.loads(out.getvalue())["findings"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ftp://127.0.0.1", "nothing"])
def test_check_cookies_that_reached_nobody_is_no_good_news(url):
    with pytest.raises(CommandError) as refused:
        call_command("check_cookies", url=url)

    assert refused.value.returncode == 2


def test_walk_that_reached_nobody_is_no_good_news(browser):
    with browser.new_context() as context, pytest.raises(NotReached):
        Walk(registry=registry(), home="http://127.0.0.1:1").run(context)


# --- the portal itself ------------------------------------------------------------------------------------------------


def test_crawl_of_the_portal_finds_nothing(serve):
    report = Crawl(registry=registry(), home=serve()).run()

    assert report.findings == []
    assert report.pages > LEAST_PAGES


def test_walk_through_the_portal_that_asks_finds_nothing_before_the_choice(home, launch):
    report = Walk(registry=registry(), home=home).run(launch().new_context())

    assert report.findings == []
    assert report.pages > LEAST_PAGES


@pytest.mark.parametrize("decision", ["refuse", "accept"])
def test_walk_through_the_portal_finds_nothing_but_what_was_chosen(home, launch, yandex, decision):
    context = launch().new_context()
    page = context.new_page()
    page.goto(home)
    page.locator(f"button[value={decision}]").click()
    page.wait_for_load_state("networkidle")
    page.close()

    chosen = registry().optional_codes if decision == "accept" else ()
    report = Walk(registry=registry(), home=home, chosen=chosen).run(context)

    assert report.findings == []
    assert bool(yandex.hits) is (decision == "accept")


def test_what_was_chosen_is_a_finding_for_whoever_has_not_chosen_it(home, launch, yandex):
    """Or the walk before the choice would prove nothing."""
    context = launch().new_context()
    page = context.new_page()
    page.goto(home)
    with page.expect_response("**/watch/**"):
        page.locator("button[value=accept]").click()
    page.close()

    report = Walk(registry=registry(), home=home, most_pages=3).run(context)

    assert seen(report) >= {("cookie", "_ym_uid"), ("host", "mc.yandex.ru"), ("storage", "_ym_uid")}
