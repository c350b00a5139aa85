"""What was chosen under a number that somebody quotes, when, and what they were shown."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from cookies.selectors import Evidence, evidence_of

NOT_PROVED: Final = 1
BAD_INPUT: Final = 2


class Command(BaseCommand):
    help = (
        "Shows every choice of cookies under a number, with the texts shown. Exit status: 0 all texts have the "
        "hashes written down with the choice, 1 one has not or the number is unknown, 2 wrong call."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="as /privacy/cookies/ shows it to its owner")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *, number: str, **options: Any) -> None:
        try:
            consent_id = UUID(number)
        except ValueError:
            raise CommandError("That is not the number of a choice.", returncode=BAD_INPUT) from None
        found = evidence_of(consent_id)
        if not found:
            raise CommandError("There is no choice under this number, or its term is over.", returncode=NOT_PROVED)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(_in_words(each) for each in found))
        if not all(each.is_whole for each in found):
            sys.exit(NOT_PROVED)


def _in_words(evidence: Evidence) -> str:
    yes, no = ", ".join(evidence.accepted) or "-", ", ".join(evidence.refused) or "-"
    lines = [f"{evidence.at}  {evidence.method} ({evidence.language}): allowed {yes}; refused {no}"]
    lines += [f"  about  {evidence.registry_sha256}", f"  shown  {evidence.screen_sha256 or '-'}"]
    lines += [f"  kept until {evidence.kept_until}"]
    return "\n".join(lines if evidence.is_whole else [*lines, "  A TEXT DOES NOT HAVE ITS HASH"])
