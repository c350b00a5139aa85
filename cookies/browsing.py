"""A visitor with a real browser: what lies in it after a walk through the site, and with whom it has talked.

Playwright is a tool of those who build the portal; where it is not installed, `crawling` does what can be done without.
"""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cookies.findings import COOKIE, HOST, MOST_PAGES, STORAGE, NotReached, Report
from cookies.registry import STORAGE as LOCAL_STORAGE
from cookies.registry import Registry
from profiles.cookie_checks import NECESSARY

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Request

SEEN: Final = """() => ({
  links: [...document.links].map(link => link.href),
  storage: [...Object.keys(localStorage), ...Object.keys(sessionStorage)],
})"""
SETTLES: Final = 500  # milliseconds in which the scripts of the last page come to rest
NO_NETWORK: Final = ("data:", "blob:", "about:")


@dataclass(kw_only=True)
class Walk:
    """`chosen` are the groups that this visitor has allowed before the walk."""

    registry: Registry
    home: str
    chosen: Collection[str] = ()
    most_pages: int = MOST_PAGES
    progress: Callable[[int, int], None] = lambda done, known: None
    report: Report = field(default_factory=Report)
    path: str = "/"

    def run(self, context: "BrowserContext") -> Report:
        """Raises NotReached."""
        context.on("request", self._hear)
        page = context.new_page()
        ahead, known = deque(["/"]), {"/"}
        while ahead and self.report.pages < self.most_pages:
            self.path = ahead.popleft()
            links = self._look_at(page)
            fresh = [link for link in dict.fromkeys(links) if link not in known]
            known.update(fresh)
            ahead.extend(fresh)
            self.report.pages += 1
            self.progress(self.report.pages, len(known))
        page.wait_for_timeout(SETTLES)
        self._compare_all(page)
        page.close()
        return self.report

    def _look_at(self, page: "Page") -> list[str]:
        from playwright.sync_api import Error

        try:
            page.goto(self.home + self.path, wait_until="load")
        except Error as error:
            if self.report.pages == 0:
                raise NotReached from error
            return []  # a file that is offered for saving
        links = self._compare_all(page)
        return [urlsplit(link).path for link in links if self._is_page(link)]

    def _compare_all(self, page: "Page") -> list[str]:
        """Returns the links of the page."""
        if not page.url.startswith(self.home):  # the browser's own page about an error
            return []
        seen = page.evaluate(SEEN)
        for cookie in page.context.cookies():
            self._compare(COOKIE, cookie.get("name", ""))
        for name in seen["storage"]:
            self._compare(STORAGE, name, LOCAL_STORAGE)
        links: list[str] = seen["links"]
        return links

    def _is_page(self, link: str) -> bool:
        parts = urlsplit(link)
        return parts.netloc == urlsplit(self.home).netloc and not parts.path.startswith("/static/")

    def _hear(self, request: "Request") -> None:
        allowed = {urlsplit(self.home).netloc, *self.registry.hosts_of(self.chosen)}
        host = urlsplit(request.url).netloc
        if not request.url.startswith(NO_NETWORK) and host not in allowed:
            self.report.add(HOST, host, self.path)

    def _compare(self, what: str, name: str, kind: str = COOKIE) -> None:
        entry = self.registry.find(name, kind)
        if entry is None or entry.group not in {NECESSARY, *self.chosen}:
            self.report.add(what, name, self.path)
