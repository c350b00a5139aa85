"""Pictures of every page of a running demo, for people to look at: `python -m operator_portal.testing.screens`.

It walks from link to link as each kind of visitor, and takes a picture of each kind of page, in both languages, as wide
as a phone and as a desk. PORTAL_HOME says which demo, as for every command.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from operator_portal.embedded.home import ROOT, Home
from operator_portal.testing import browser

WIDTHS: Final = (390, 1440)
LANGUAGES: Final = ("ru", "en")
HEIGHT: Final = 900
#: Where each visitor begins; the stranger has no address to sign in with.
VISITORS: Final = {
    "": ("/", "/accounts/signup/", "/accounts/password/reset/", "/no-such-page/", "/demo/", "/demo/components/"),
    "anna.belova@example.org": ("/me/", "/me/delete/confirm/"),
    "auditor@example.org": ("/audit/",),
    "staff@example.org": ("/admin/",),
}
#: Addresses that differ only in which thing they name are one kind of page.
NAMES_OF_THINGS: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/)|(?<=/receipts/)\w+|(?<=/demo/mail/)[\w-]+"
)
NO_PAGES: Final = re.compile(r"\.\w+$|/logout/$|/jsi18n/$|/static/")


def kind_of(path: str) -> str:
    return NAMES_OF_THINGS.sub("_", path)


@dataclass(kw_only=True)
class Walk:
    """From link to link; `kinds` are the kinds of page that somebody has been to already."""

    url: str
    out: Path
    only: str
    kinds: set[str] = field(default_factory=set)

    def go(self, page: Page, begin: tuple[str, ...], who: str) -> None:
        ahead, refused = list(begin), set[str]()
        while ahead:
            path = ahead.pop(0)
            kind = kind_of(path)
            if kind in self.kinds | refused:
                continue
            page.goto(self.url + path)
            if urlsplit(page.url).path != path:  # sent elsewhere: the page is for another visitor
                refused.add(kind)
                continue
            self.kinds.add(kind)
            ahead += self._links(page)
            if path.startswith(self.only):
                self._take(page, path, who)

    def _links(self, page: Page) -> Iterator[str]:
        for link in page.evaluate("[...document.links].map(link => link.href)"):
            parts = urlsplit(link)
            if link.startswith(self.url) and not NO_PAGES.search(parts.path):
                yield parts.path

    def _take(self, page: Page, path: str, who: str) -> None:
        for language in LANGUAGES:
            page.context.add_cookies([{"name": "django_language", "value": language, "url": self.url}])
            answer = page.goto(self.url + path)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": HEIGHT})
                name = f"{who}{kind_of(path).strip('/').replace('/', '.') or 'start'}.{language}.{width}.png"
                page.screenshot(path=self.out / name, full_page=True)
            print(answer.status if answer else "---", language, path, flush=True)


def sign_in(page: Page, home: Home, url: str, address: str) -> None:
    page.goto(f"{url}/accounts/login/")
    page.locator("[name=login]").fill(address)
    page.locator("[name=password]").fill(json.loads(home.sign_ins.read_text())["password"])
    page.locator("main form [type=submit]").first.click()
    if "/2fa/authenticate/" in page.url:
        page.locator("[name=code]").fill(_code(home, address))
        page.locator("main form [type=submit]").first.click()


def _code(home: Home, address: str) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "demo_code", address],
        env={**os.environ, "PORTAL_HOME": str(home.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def take_all(at: Browser, home: Home, walk: Walk) -> None:
    for address, begin in VISITORS.items():
        page = at.new_page(viewport={"width": WIDTHS[0], "height": HEIGHT}, locale="ru-RU")
        if address:
            sign_in(page, home, walk.url, address)
        walk.go(page, begin, f"{address.partition('@')[0].partition('.')[0]}." if address else "")
        page.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m operator_portal.testing.screens", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the demo answers")
    parser.add_argument("--out", type=Path, default=Path("screens"), help="the folder for the pictures")
    parser.add_argument("--only", default="", help="only pages whose address begins so")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    home = Home(Path(os.environ.get("PORTAL_HOME") or ROOT / ".portal").resolve())
    walk = Walk(url=options.url.rstrip("/"), out=options.out, only=options.only)
    with sync_playwright() as playwright:
        take_all(playwright.chromium.launch(**browser.launch_options()), home, walk)


if __name__ == "__main__":
    main()
