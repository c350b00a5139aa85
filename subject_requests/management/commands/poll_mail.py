"""Looks into the mailbox of INTAKE_IMAP_URL now, as beat does every half a minute."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subject_requests.intake import polling
from subject_requests.intake.imap import NotReached


class Command(BaseCommand):
    help = "Takes in what has come to the mailbox of INTAKE_IMAP_URL. Exit 0: done; 1: some mail waits; 2: not reached."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        place = polling.place()
        if place is None:
            raise CommandError("INTAKE_IMAP_URL is not set: no mailbox is looked after.", returncode=2)
        try:
            polled = polling.poll(place)
        except NotReached as error:
            raise CommandError(f"The mailbox was not reached: {error}.", returncode=2) from None
        words = (
            json.dumps(asdict(polled))
            if options["json"]
            else (f"taken in: {polled.taken}, copies: {polled.copies}, to be tried again: {polled.failed}")
        )
        self.stdout.write(words)
        if polled.failed:
            sys.exit(1)
