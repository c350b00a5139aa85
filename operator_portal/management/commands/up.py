import argparse
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operator_portal.embedded.errors import EmbeddedError
from operator_portal.embedded.home import Home
from operator_portal.embedded.supervisor import Supervisor
from operator_portal.embedded.wishes import Wishes


class Command(BaseCommand):
    help = (
        "Runs the whole portal from one terminal until Ctrl-C: PostgreSQL, broker, migrations, operator profile, demo "
        "data, web, worker, beat. A server that DATABASE_URL or BROKER_URL already names is used and not started."
    )
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--profile", help="operator profile: a folder under profiles/, or a path")
        parser.add_argument("--port", type=int, default=8000, help="of the web server on 127.0.0.1 (default 8000)")
        parser.add_argument("--demo", choices=["0", "1"], help="1: with demo data and /demo/ (default in a new home)")

    def handle(self, *args: Any, **options: Any) -> None:
        home = Home.locate()
        wishes = Wishes.of(
            known=home.known_environment(),
            given=os.environ,
            profile=options["profile"],
            port=options["port"],
            demo=options["demo"],
        )
        try:
            Supervisor(home, wishes).run()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
