import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from law import clock
from personal_data import rotation
from personal_data.errors import KeyringFixed
from personal_data.rotation import Outcome


class Command(BaseCommand):
    help = (
        "Makes a new key-encryption key, wraps the keys of the living under it and destroys the old one, while the "
        "portal serves. Goes on with a rotation that was broken off. Exit status: 0 done, 1 somebody's key still "
        "depends on an old one, 2 the keyring cannot be changed from here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument("--if-due", action="store_true", help="only when the epoch is old enough, as beat does")

    def handle(self, *, json: bool, if_due: bool, **options: Any) -> None:
        with tqdm(unit="", disable=not sys.stderr.isatty(), leave=False) as bar:

            def show(done: int, of: int) -> None:
                bar.total = of
                bar.update(done - bar.n)

            try:
                outcome = rotation.rotate(clock.now(), even_if_young=not if_due, progress=show)
            except KeyringFixed as error:
                raise CommandError(str(error), returncode=2) from None
        self.stdout.write(_as_json(outcome) if json else _in_words(outcome))
        if outcome.left:
            sys.exit(1)


def _as_json(outcome: Outcome) -> str:
    return json.dumps(vars(outcome), indent=2, sort_keys=True)


def _in_words(outcome: Outcome) -> str:
    lines = []
    if outcome.opened:
        lines.append(_("Epoch opened: %(number)s") % {"number": outcome.opened})
    lines.append(_("Keys wrapped anew: %(count)s") % {"count": outcome.rewrapped})
    lines += [_("Key of epoch %(number)s: destroyed") % {"number": number} for number in outcome.destroyed]
    if outcome.failed:
        lines.append(_("Keys that open under no epoch: %(count)s") % {"count": outcome.failed})
    if outcome.left:
        lines.append(_("People who still depend on an old key: %(count)s. Run it again.") % {"count": outcome.left})
    return "\n".join(lines)
