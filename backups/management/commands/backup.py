import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from backups import making
from backups.errors import BackupError
from backups.models import Backup
from law import clock


class Command(BaseCommand):
    help = (
        "Copies data and wrapped keys of one moment into separate sealed files under DIR/data and DIR/vault, while the "
        "portal serves. No key that opens them is inside. Exit status: 0 done, 1 it could not be made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", nargs="?", type=Path, help="the folder; PORTAL_HOME/backups if none is named")
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(self, *, dir: Path | None, json: bool, **options: Any) -> None:  # noqa: A002  # the contract's word
        folder = dir or making.default_folder()
        total = making.expected_size()
        try:
            with tqdm(total=total, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False) as bar:
                made = making.make(folder, at=clock.now(), progress=bar.update)
        except (BackupError, OSError) as error:
            raise CommandError(str(error), returncode=1) from None
        self.stdout.write(_as_json(made) if json else _in_words(made))


def _as_json(made: Backup) -> str:
    return json.dumps(
        {
            "backup": made.name, "folder": made.folder, "made_at": made.made_at.isoformat(), "bytes": made.size,
            "seconds": round(made.seconds, 2), "people": made.people, "epoch": made.epoch,
        },
        indent=2, sort_keys=True,
    )  # fmt: skip


def _in_words(made: Backup) -> str:
    said = {
        "name": made.name,
        "folder": made.folder,
        "size": f"{made.size / 1e6:.1f}",
        "seconds": f"{made.seconds:.1f}",
    }
    return _("Backup %(name)s is in %(folder)s: %(size)s MB, %(seconds)s s.") % said
