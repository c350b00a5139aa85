import argparse
import json
import shlex
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operator_portal.embedded.errors import EmbeddedError
from operator_portal.embedded.home import Home
from operator_portal.embedded.services import Services


class Command(BaseCommand):
    help = (
        'The private PostgreSQL and broker under PORTAL_HOME. `eval "$(manage.py services env)"` tells a shell '
        "where they are; `erase` stops them and removes PORTAL_HOME with everything in it."
    )
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("act", choices=["start", "stop", "status", "env", "erase"])
        parser.add_argument("--json", action="store_true", help="for status: one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        self.services = Services(Home.locate())
        self.json = options["json"]
        try:
            getattr(self, f"_{options['act']}")()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error

    def _start(self) -> None:
        with self.services.alone():
            self.services.start()
        self._status()

    def _stop(self) -> None:
        with self.services.alone():
            self.services.stop()
        self._status()

    def _status(self) -> None:
        pids = self.services.pids()
        if self.json:
            self.stdout.write(json.dumps({"home": str(self.services.home.path), "pids": pids}))
            return
        for name, pid in pids.items():
            self.stdout.write(f"{name:10} {f'running, pid {pid}' if pid else 'stopped'}")

    def _env(self) -> None:
        known = self.services.home.known_environment()
        if not known:
            raise EmbeddedError(f"No portal was ever started in {self.services.home.path}: manage.py services start")
        for name, value in known.items():
            self.stdout.write(f"export {name}={shlex.quote(value)}")

    def _erase(self) -> None:
        with self.services.alone():
            self.services.stop()
            self.services.home.erase()
        self.stdout.write(f"removed {self.services.home.path}")
