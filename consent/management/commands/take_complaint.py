"""Takes a report that a mail of ours was called spam."""

import json
import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from consent.complaints import NotAReport, NotOurs, take_complaint
from law import clock

NOT_OURS: Final = 1
NOT_READABLE: Final = 2
LONGEST: Final = 5_000_000


class Command(BaseCommand):
    help = (
        "Reads a feedback report (ARF, RFC 5965) from standard input, as a mail service sends it when a reader presses "
        '"spam": the address gets no more of that mail, and the consent to it is withdrawn. Exit status 0: done, or '
        "done before; 1: the mail in it is not of this portal; 2: it is no such report."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, **options: Any) -> None:
        try:
            is_new = take_complaint(sys.stdin.buffer.read(LONGEST), at=clock.now())
        except NotAReport:
            raise CommandError("This is no report of unwanted mail.", returncode=NOT_READABLE) from None
        except NotOurs:
            raise CommandError("The report holds no mail with a link of this portal.", returncode=NOT_OURS) from None
        if options["json"]:
            self.stdout.write(json.dumps({"taken": True, "new": is_new}))
        else:
            self.stdout.write("No more such mail goes there." if is_new else "This was stopped before.")
