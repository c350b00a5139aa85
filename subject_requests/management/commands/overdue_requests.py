"""How many terms of requests are over, for whoever watches the portal from outside."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from law import clock
from subject_requests import monitor


class Command(BaseCommand):
    help = "Counts the terms of requests that are over. Exit status 1 when there are any."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, **options: Any) -> None:
        found = monitor.overdue(clock.now())
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), default=str))
        else:
            since = f", the oldest since {found.since:%Y-%m-%d %H:%M %Z}" if found.since else ""
            self.stdout.write(f"{found.terms} terms of {found.requests} requests are over{since}")
        if not found.is_well:
            sys.exit(1)
