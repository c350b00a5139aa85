"""Is this text anywhere that it should not be?"""

import argparse
import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from operator_portal.scanning.needles import MIN_BYTES, Needles, NeedleTooShort
from operator_portal.scanning.places.everywhere import Places
from operator_portal.scanning.places.place import PATHS, PLACES
from operator_portal.scanning.report import Report, Verdict
from operator_portal.scanning.scan import scan

STDIN: Final = "-"
EPILOG: Final = """\
Each needle is found whatever its letter case and Unicode form, in UTF-8, UTF-16, Windows-1251 and KOI8-R, and inside
base64, base32, hexadecimal, zlib, gzip, deflate, bzip2, xz, ZIP, JSON and \\x escapes, URL encoding,
quoted-printable and HTML entities, one within another.

What the report says is where, never what: the text around a finding is not printed, nor a name or key that holds one.

Exit status: 0 nothing found, 1 found, 2 not found but something could not be read, or wrongly called.

Needles on the command line stay in the history of the shell: --needles-from - reads them from standard input.
PostgreSQL's tables and files are read in full by a superuser only: in an embedded portal that is so by itself,
elsewhere give its address in SCAN_DATABASE_URL."""


class Command(BaseCommand):
    help = "Searches the database, its files, broker, cache, logs, mail and all of PORTAL_HOME for plaintext."
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("needles", nargs="*", metavar="NEEDLE", help=f"a text of {MIN_BYTES} bytes or more")
        parser.add_argument("--needles-from", metavar="FILE", help="one needle a line; - is standard input")
        parser.add_argument("--local-parts", action="store_true", help="find an address by its part before @ too")
        parser.add_argument("--place", action="append", choices=PLACES, help="look only here (can be repeated)")
        parser.add_argument(
            "--allow", action="append", default=[], choices=PLACES, help="report, but do not count, what is found here"
        )
        parser.add_argument("--path", action="append", default=[], type=Path, help="look into this file or folder too")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes that read files")
        parser.add_argument("--json", action="store_true", dest="as_json", help="the whole report as JSON")

    def handle(self, **options: Any) -> None:
        report = self._scan(options)
        if options["as_json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(report.lines()))
        if report.verdict is not Verdict.CLEAN:
            sys.exit(report.verdict)

    def _scan(self, options: dict[str, Any]) -> Report:
        source = options["needles_from"]
        needles = _needles(_read(options["needles"], source), local_parts=options["local_parts"])
        left_out = [Path(source).resolve()] if source and source != STDIN else []
        places = Places(
            database_url=os.environ.get("SCAN_DATABASE_URL", ""),
            paths=options["path"],
            left_out=left_out,
            jobs=options["jobs"],
        )
        names = options["place"] or PLACES
        try:
            chosen = places.named([*names, PATHS] if options["path"] else names)
            return scan(chosen, needles, allowed=options["allow"], quiet=options["verbosity"] == 0)
        finally:
            places.close()


def _read(given: list[str], source: str | None) -> list[str]:
    if not source:
        return given
    try:
        text = sys.stdin.read() if source == STDIN else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The needles cannot be read: {error}", returncode=Verdict.NOT_ALL_READ) from error
    return [*given, *filter(str.strip, text.splitlines())]


def _needles(texts: list[str], *, local_parts: bool) -> Needles:
    if not texts:
        raise CommandError("Say what to look for: NEEDLE… or --needles-from FILE.", returncode=Verdict.NOT_ALL_READ)
    try:
        return Needles.of(texts, local_parts=local_parts)
    except NeedleTooShort as error:
        raise CommandError(str(error), returncode=Verdict.NOT_ALL_READ) from error
