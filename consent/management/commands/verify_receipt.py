"""Is this receipt of a consent genuine, and does the ledger still say what it says?"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from consent.receipts.checking import Checked, Verdict, check
from consent.receipts.document import moment
from consent.receipts.verify_receipt import LARGEST

STATUSES: Final = {Verdict.GENUINE: 0, Verdict.NOT_A_RECEIPT: 2}


class Command(BaseCommand):
    help = (
        "Verifies the receipt of a consent: its signature, and that the ledger, the text and the screen are those it "
        "was signed for. Exit status: 0 genuine, 1 altered or not ours (it says where), 2 not a receipt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the receipt, as it was taken away (.jsonld)")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *, file: Path, json: bool, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                data = opened.read(LARGEST + 1)
        except OSError as error:
            message = _("%(file)s cannot be read: %(why)s") % {"file": file, "why": error.strerror}
            raise CommandError(message, returncode=2) from None
        checked = check(data)
        self.stdout.write(_as_json(checked) if json else _in_words(checked))
        if status := STATUSES.get(checked.verdict, 1):
            sys.exit(status)


def _as_json(checked: Checked) -> str:
    report = {
        "verdict": checked.verdict.value,
        "why": [why.value for why in checked.why],
        "differing": [part.value for part in checked.differing],
        "flaws": [flaw.value for flaw in checked.flaws],
        "consent": str(checked.entry.pk) if checked.entry else None,
        "withdrawn_at": moment(checked.withdrawn_at) if checked.withdrawn_at else None,
        "replaced_at": moment(checked.replaced_at) if checked.replaced_at else None,
        "signed_by": checked.signed_by or None,
    }
    return json.dumps(report, indent=2)


def _in_words(checked: Checked) -> str:
    lines = [str(checked.verdict.label), *(f"  {reason}" for reason in checked.reasons)]
    lines += [_("  differs: %(part)s") % {"part": part.label} for part in checked.differing]
    if checked.withdrawn_at:
        lines.append(_("The consent was withdrawn: %(at)s") % {"at": moment(checked.withdrawn_at)})
    elif checked.replaced_at:
        lines.append(_("The consent was replaced by a newer one: %(at)s") % {"at": moment(checked.replaced_at)})
    elif checked.is_genuine:
        lines.append(_("The consent has not been withdrawn."))
    return "\n".join(lines)
