import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tqdm import tqdm

from backups import databases, making, restoring
from backups.errors import BackupError, Refused, Unreadable
from backups.restoring import Restored
from law import clock
from personal_data.errors import PersonalDataError

STEPS: Final = {
    "reading": gettext_lazy("Reading the backup"),
    "loading": gettext_lazy("Loading data and keys"),
    "migrating": gettext_lazy("Bringing the tables to this version"),
    "proving": gettext_lazy("Proving the log again"),
    "replaying": gettext_lazy("Replaying the ledger of destructions"),
    "reconciling": gettext_lazy("Reconciling keys, rows and files"),
}


class Command(BaseCommand):
    help = (
        "Restores a backup into an empty database. The portal serves nobody until everybody whom the ledger of "
        "destructions names is destroyed again and keys, rows and files belong together. Exit status: 0 done, "
        "1 not sound, the portal stays closed, 2 refused with nothing changed."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", nargs="?", type=Path, help="the folder; PORTAL_HOME/backups if none is named")
        parser.add_argument("--backup", metavar="NAME", help="which one; the newest if none is named")
        parser.add_argument(
            "--finish", action="store_true",
            help="load nothing: replay, reconcile and open a database that was put back in another way",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="report as JSON")

    def handle(
        self,
        *,
        dir: Path | None,  # noqa: A002  # the contract's word
        backup: str | None,
        finish: bool,
        json: bool,
        **options: Any,
    ) -> None:
        try:
            with tqdm(total=len(STEPS), disable=not sys.stderr.isatty(), leave=False) as bar:

                def show(step: str) -> None:
                    bar.set_description(str(STEPS[step]))
                    bar.update()

                if finish:
                    restoring.finish(at=clock.now(), progress=show)
                    self.stdout.write(_("The ledger is replayed; the portal is open."))
                    return
                folder = dir or making.default_folder()
                name = backup or restoring.newest(folder)
                restored = restoring.restore(
                    folder, name, at=clock.now(), owner=databases.named(databases.OWNER), progress=show
                )
        except (Refused, Unreadable) as error:
            raise CommandError(str(error), returncode=2) from None
        except (BackupError, PersonalDataError) as error:
            raise CommandError(str(error), returncode=1) from None
        _no_demo_here()
        self.stdout.write(_as_json(restored) if json else _in_words(restored))


def _no_demo_here() -> None:
    """The embedded portal fills an empty database with demo data at its first start."""
    (Path(settings.PORTAL_HOME) / "run" / "awaits-demo").unlink(missing_ok=True)


def _as_json(restored: Restored) -> str:
    return json.dumps(asdict(restored), indent=2, sort_keys=True)


def _in_words(restored: Restored) -> str:
    said = {name: str(value) for name, value in asdict(restored).items()}
    return "\n".join(
        [
            _("Backup %(backup)s is restored in %(seconds)s s.") % said,
            _("People and tombstones: %(people)s; destroyed again by the ledger: %(replayed)s.") % said,
            _("Withdrawals and objections said again by the ledger: %(wishes)s.") % said,
            _("Keys that open: %(keys)s; values opened as a sample: %(opened)s.") % said,
            _("The portal may be started."),
        ]
    )
