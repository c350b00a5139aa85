import json
import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from tqdm import tqdm

from consent import rebuilding
from consent.rebuilding import Difference
from processing_log.actors import Actor


class Command(BaseCommand):
    help = (
        "Makes the purposes in force of every person equal to the consent ledger, and says where they differed. Can be "
        "stopped and goes on with --after. Exit status: 0 done, 1 differences found by --dry-run, 2 wrong call."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say where they differ")
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument("--after", type=UUID, default=rebuilding.NOBODY, help="go on after this person")
        parser.add_argument("--batch-size", type=int, default=rebuilding.BATCH, help="people at a time (%(default)s)")

    def handle(self, *, dry_run: bool, json: bool, after: UUID, batch_size: int, **options: Any) -> None:
        found: list[Difference] = []
        seen, last = 0, after
        actor = Actor.system("rebuild_consents")
        with tqdm(total=rebuilding.people(), unit="", disable=not sys.stderr.isatty(), leave=False) as bar:
            try:
                for batch in rebuilding.rebuild(actor=actor, after=after, dry_run=dry_run, batch_size=batch_size):
                    found += batch.differences
                    seen, last = seen + batch.people, batch.last
                    bar.update(batch.people)
                    bar.set_postfix_str(str(last))
            except KeyboardInterrupt:
                self.stderr.write(_("Stopped. To go on: rebuild_consents --after %(last)s") % {"last": last})
                sys.exit(1)
        self.stdout.write(_as_json(seen, found, last, dry_run) if json else _in_words(seen, found))
        if dry_run and found:
            sys.exit(1)


def _as_json(seen: int, found: list[Difference], last: UUID, dry_run: bool) -> str:
    differences = [
        {"subject": str(one.subject_id), "opened": list(one.opened), "closed": list(one.closed)} for one in found
    ]
    report = {"people": seen, "differences": differences, "last": str(last), "dry_run": dry_run}
    return json.dumps(report, indent=2)


def _in_words(seen: int, found: list[Difference]) -> str:
    heading = _("People looked at: %(seen)s, differences: %(found)s") % {"seen": seen, "found": len(found)}
    return "\n".join([heading, *(f"  {one}" for one in found)])
