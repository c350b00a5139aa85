"""The verifier that is in every export, asked through manage.py."""

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from processing_log import verify_log


class Command(BaseCommand):
    help = (
        "Verifies an export of the processing log, as the verify_log.py in it does. Exit status: 0 verified, 1 not "
        "verified (says where and how), 2 not readable."
    )
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("export", type=Path, metavar="ZIP|FOLDER")
        parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="a public key that you trust")
        parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="an older checkpoint that you kept")

    def handle(self, *args: Any, **options: Any) -> None:
        status = verify_log.report(options["export"], options["key"], options["checkpoint"], self.stdout)
        if status:
            sys.exit(status)
