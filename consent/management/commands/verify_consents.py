import json
import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from consent import verifying
from consent.evidence import evidence_of
from consent.models import LedgerEntry
from consent.verifying import Finding


class Command(BaseCommand):
    help = (
        "Computes the hashes of texts, screens and consents anew, of all or of the consents named. Exit status: 0 all "
        "as it was, 1 something was altered, 2 no such consent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("consent", type=UUID, nargs="*", help="ids of entries of the ledger; all without any")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *, consent: list[UUID], json: bool, **options: Any) -> None:
        seen, found = _some(consent) if consent else _all()
        self.stdout.write(_as_json(seen, found) if json else _in_words(seen, found))
        if found:
            sys.exit(1)


def _some(ids: list[UUID]) -> tuple[int, list[Finding]]:
    try:
        return len(ids), [flaw for one in ids for flaw in evidence_of(one).flaws]
    except LedgerEntry.DoesNotExist:
        raise CommandError(_("There is no such consent."), returncode=2) from None


def _all() -> tuple[int, list[Finding]]:
    seen, found = 0, []
    rows = verifying.rows_to_verify()
    for finding in tqdm(verifying.flaws_of_everything(), total=rows, disable=not sys.stderr.isatty(), leave=False):
        seen += 1
        if finding:
            found.append(finding)
    return seen, found


def _as_json(seen: int, found: list[Finding]) -> str:
    flaws = [{"flaw": one.flaw.value, "what": one.what} for one in found]
    return json.dumps({"rows": seen, "sound": not found, "flaws": flaws}, indent=2)


def _in_words(seen: int, found: list[Finding]) -> str:
    if not found:
        return _("Rows verified: %(seen)s. Nothing was altered.") % {"seen": seen}
    return "\n".join([_("ALTERED: %(found)s") % {"found": len(found)}, *(f"  {f.what}: {f.flaw.label}" for f in found)])
