"""Walks through the running site and says which cookies and hosts the registry does not know."""

import json
import os
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from cookies.browsing import Walk
from cookies.crawling import Crawl
from cookies.findings import MOST_PAGES, NotReached, Report
from cookies.registry import registry

FOUND: Final = 1
NOT_CHECKED: Final = 2
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

Progress = Callable[[int, int], None]


class Command(BaseCommand):
    help = (
        "Follows every link of the public site as somebody who has chosen nothing, and compares cookies and hosts with "
        "the registry of the profile. Sends no form. Exit status: 0 all known, 1 something is not, 2 not checked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.BASE_URL, help="the site (%(default)s)")
        parser.add_argument(
            "--browser", action="store_true", help="with Chromium and playwright: sees scripts' acts too"
        )
        parser.add_argument("--limit", type=int, default=MOST_PAGES, help="pages at most (%(default)s)")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *, url: str, browser: bool, limit: int, **options: Any) -> None:
        home = url.rstrip("/")
        if not home.startswith(("http://", "https://")):
            raise CommandError(f"{url} is no address of a site.", returncode=NOT_CHECKED)
        with tqdm(unit="", disable=not sys.stderr.isatty(), leave=False) as bar:

            def show(done: int, known: int) -> None:
                bar.total = known
                bar.update(done - bar.n)

            try:
                report = (_browse if browser else _crawl)(home, limit, show)
            except NotReached:
                raise CommandError(f"Nobody answers at {home}.", returncode=NOT_CHECKED) from None
        self.stdout.write(json.dumps(report.as_data(), indent=1) if options["json"] else _in_words(report))
        if report.findings:
            sys.exit(FOUND)


def _crawl(home: str, limit: int, progress: Progress) -> Report:
    return Crawl(registry=registry(), home=home, most_pages=limit, progress=progress).run()


def _browse(home: str, limit: int, progress: Progress) -> Report:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise CommandError("--browser needs playwright, which is not installed here.", returncode=NOT_CHECKED) from None
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if _is_root() else [])
        return Walk(registry=registry(), home=home, most_pages=limit, progress=progress).run(chromium.new_context())


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _in_words(report: Report) -> str:
    if not report.findings:
        return f"Pages looked at: {report.pages}. Every cookie and host is in the registry."
    lines = [f"Pages looked at: {report.pages}. Not in the registry:"]
    return "\n".join(lines + [f"  {finding}" for finding in sorted(report.findings)])
