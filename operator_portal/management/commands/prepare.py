import argparse
import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from personal_data import keyring_file


class Command(BaseCommand):
    help = (
        "Brings the database to this version and loads the operator's profile; what has to happen once before web, "
        "worker and beat start. Can be repeated."
    )
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also make the demo data, if nobody is there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        _make_first_keyring()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("check", stdout=self.stdout, stderr=self.stderr)
        call_command("apply_profile", settings.OPERATOR_PROFILE, stdout=self.stdout, stderr=self.stderr)
        if options["demo"] and not get_user_model().objects.exists():
            call_command("demo", stdout=io.StringIO(), stderr=self.stderr)  # `up` tells the sign-ins


def _make_first_keyring() -> None:
    """Together with the tables and never after: a lost keyring must be brought back, not replaced."""
    scheme, _, place = settings.KEYRING.partition(":")
    if scheme == "file" and not Path(place).exists() and not connection.introspection.table_names():
        keyring_file.write_new(Path(place))
