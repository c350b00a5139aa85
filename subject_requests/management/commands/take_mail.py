"""For the mail server: pipes one message in. Its answer is one of sysexits.h, which every mail server understands."""

import os
import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand

from law import clock
from subject_requests.intake import mail

OK: Final = os.EX_OK
NOTHING_CAME: Final = os.EX_NOINPUT
KEEP_IT: Final = os.EX_TEMPFAIL


class Command(BaseCommand):
    help = (
        "Takes one mail in from standard input, as a request. Exit 0: taken in and committed; 75: trouble of ours, the "
        "mail server keeps the mail and tries again; 66: nothing came."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="say what became of it as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        most = settings.INTAKE_MAIL_MOST_MB * 1024 * 1024
        raw = sys.stdin.buffer.read(most)
        is_cut = bool(sys.stdin.buffer.read(1))
        while is_cut and sys.stdin.buffer.read(1024 * 1024):
            pass  # else the mail server takes the closed pipe for a failure
        if not raw:
            sys.exit(NOTHING_CAME)
        at = clock.now()
        try:
            result = mail.take(raw, received_at=at, at=at, is_cut=is_cut)
        except Exception as error:  # noqa: BLE001  whatever it is: the mail must not be lost, and is not lost
            self.stderr.write(f"not taken in, to be tried again: {type(error).__name__}")
            sys.exit(KEEP_IT)
        if options["json"]:
            self.stdout.write(f'{{"verdict": "{result.seen.verdict}", "new": {str(result.is_new).lower()}}}')
