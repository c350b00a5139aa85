import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from tqdm import tqdm

from law import clock
from retention import changing, destruction, expiring, ordering
from retention.destruction import Outcome


class Command(BaseCommand):
    help = (
        "Destroys everybody whose term is over. "
        "Exit status: 0 done, 1 somebody could not be destroyed or two people have to agree first, 2 wrong call."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what would go")
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument(
            "--batch-size", type=_positive, default=destruction.BATCH, help="people in one transaction (%(default)s)"
        )

    def handle(self, *, dry_run: bool, json: bool, batch_size: int, **options: Any) -> None:
        with tqdm(unit="", disable=not sys.stderr.isatty(), leave=False) as bar:

            def show(done: int, found: int) -> None:
                bar.total = found
                bar.update(done - bar.n)

            if not dry_run:
                changing.take_effect(clock.now())
            outcome = destruction.destroy_due(clock.now(), dry_run=dry_run, batch_size=batch_size, progress=show)
            if not dry_run:
                ordered, failed = ordering.carry_out_due(clock.now())
                outcome.parts, outcome.failed = outcome.parts + ordered, outcome.failed + failed
            else:
                outcome.parts += ordering.count_due(clock.now())
        expired = (expiring.count_expired if dry_run else expiring.destroy_expired)(clock.now())
        told = _as_json(outcome, expired, dry_run) if json else _in_words(outcome, expired, dry_run)
        self.stdout.write(told)
        if outcome.failed or outcome.waits:
            sys.exit(1)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(_("%(text)s is not a number above zero") % {"text": text})
    return int(text)


def _as_json(outcome: Outcome, expired: Counter[str], dry_run: bool) -> str:
    return json.dumps({"dry_run": dry_run, **vars(outcome), "expired": expired}, indent=2, sort_keys=True)


def _in_words(outcome: Outcome, expired: Counter[str], dry_run: bool) -> str:
    words = [_of_people(outcome, dry_run)]
    if outcome.parts:
        words.append(_("People of whom a part is destroyed: %(count)s") % {"count": outcome.parts})
    if outcome.blocked:
        words.append(_("People whose data is blocked: %(count)s") % {"count": outcome.blocked})
    if expired:
        words += [
            _("Rows whose own term is over:"),
            *(f"  {place}: {count}" for place, count in sorted(expired.items())),
        ]
    return "\n".join(words)


def _of_people(outcome: Outcome, dry_run: bool) -> str:
    if not outcome.found:
        return _("Nobody is due.")
    if outcome.waits:
        return _("%(count)s people are due: so many that two people have to agree first, on the desk.") % {
            "count": outcome.found
        }
    heading = _("People who would be destroyed: %(count)s") if dry_run else _("People destroyed: %(count)s")
    lines = [heading % {"count": outcome.destroyed}]
    lines += [f"  {rule}: {count}" for rule, count in sorted(outcome.by_rule.items())]
    lines += [_("Rows:")] + [f"  {place}: {count}" for place, count in sorted(outcome.counts.items())]
    if outcome.failed:
        lines.append(_("Could not be destroyed: %(count)s. See the log of the program.") % {"count": outcome.failed})
    return "\n".join(lines)
