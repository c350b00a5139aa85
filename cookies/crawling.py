"""A visitor without a browser: follows the links of the site, sends nothing, compares each answer with the registry."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from cookies.findings import COOKIE, HOST, MOST_PAGES, NotReached, Report
from cookies.registry import Registry

TIMEOUT: Final = 20
POLICY: Final = "Content-Security-Policy"
#: What a browser fetches by itself, or sends a form to; following a link is the visitor's own act.
FETCHED: Final = frozenset(
    {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("audio", "src")}
    | {("link", "href"), ("form", "action"), ("object", "data"), ("embed", "src"), ("use", "href"), ("track", "src")}
)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and tag == "a" and name == "href":
                self.links.append(value)
            elif value and (tag, name) in FETCHED:
                self.fetched.append(value)


class _Stay(HTTPRedirectHandler):
    """An answer that sends elsewhere is an answer like another: its cookies count."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class _Answer:
    headers: "Message[str, str]"
    html: str


@dataclass(kw_only=True)
class Crawl:
    """`progress` is told how many pages are done, and how many are known."""

    registry: Registry
    home: str
    most_pages: int = MOST_PAGES
    progress: Callable[[int, int], None] = lambda done, known: None
    report: Report = field(default_factory=Report)

    def run(self) -> Report:
        """Raises NotReached."""
        ahead, known = deque(["/"]), {"/"}
        while ahead and self.report.pages < self.most_pages:
            path = ahead.popleft()
            for link in self._look_at(path):
                if link not in known:
                    known.add(link)
                    ahead.append(link)
            self.report.pages += 1
            self.progress(self.report.pages, len(known))
        return self.report

    def _look_at(self, path: str) -> Iterator[str]:
        try:
            answer = _ask(self.home + path)
        except (URLError, HTTPException, OSError) as error:
            if self.report.pages == 0:
                raise NotReached from error
            self.report.add("answer", "none", path)
            return
        for name in _cookies_of(answer.headers):
            self._compare_cookie(name, path)
        for host in _hosts_of(answer.headers.get(POLICY, "")):
            self._compare_host(host, path)
        page = _Page()
        page.feed(answer.html)
        for address in page.fetched:
            self._compare_host(urlsplit(urljoin(self.home + path, address)).netloc, path)
        yield from self._local([*page.links, answer.headers.get("Location", "")], path)

    def _compare_cookie(self, name: str, path: str) -> None:
        """Nothing was chosen, so only the necessary ones may come."""
        entry = self.registry.find(name)
        if entry is None or entry.group in self.registry.optional_codes:
            self.report.add(COOKIE, name, path)

    def _compare_host(self, host: str, path: str) -> None:
        if host and host != urlsplit(self.home).netloc:
            self.report.add(HOST, host, path)

    def _local(self, links: list[str], path: str) -> Iterator[str]:
        for link in filter(None, links):
            parts = urlsplit(urljoin(self.home + path, link))
            if parts.netloc == urlsplit(self.home).netloc and not parts.path.startswith("/static/"):
                yield parts.path or "/"


def _ask(url: str) -> _Answer:
    opener = build_opener(_Stay())
    try:
        with opener.open(Request(url, headers={"Accept": "text/html"}), timeout=TIMEOUT) as response:  # noqa: S310
            body = response.read() if response.headers.get_content_type() == "text/html" else b""
            return _Answer(headers=response.headers, html=body.decode(errors="replace"))
    except HTTPError as error:  # a redirect, or a page that says no: it may set cookies too
        with error:
            return _Answer(headers=error.headers, html=error.read().decode(errors="replace"))


def _cookies_of(headers: "Message[str, str]") -> Iterator[str]:
    for line in headers.get_all("Set-Cookie", []):
        try:
            yield from SimpleCookie(line)
        except CookieError:
            yield line.partition("=")[0]


def _hosts_of(policy: str) -> Iterator[str]:
    """`https://host`, `host:port`, `*.host`, `https:`, `*`: whatever is no word in quotes and not data of the page."""
    for directive in policy.split(";"):
        for source in directive.split()[1:]:
            if not source.startswith("'") and source not in ("data:", "blob:"):
                yield urlsplit(source).netloc or source
