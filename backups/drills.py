"""The drill: the newest backup is restored beside the live data, by the same command that a real restore runs, in a
database and a home of its own; then both are emptied. What came of it is recorded, and the desk shows how long ago."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final

from django.conf import settings

from backups import databases, programs, restoring
from backups.facts import Fact
from backups.models import Drill
from personal_data.scope import processing
from processing_log.actors import Actor
from retention import ledger

ACTOR: Final = Actor.system("restore drill")
EVERY: Final = timedelta(days=7)
#: a drill that is longer ago than this is an alarm
LATE_AFTER: Final = timedelta(days=35)
LONGEST: Final = timedelta(hours=6)
ROOT: Final = Path(__file__).resolve().parent.parent
_EMPTY: Final = "DROP SCHEMA IF EXISTS public, vault CASCADE; CREATE SCHEMA public"


def is_due(at: datetime) -> bool:
    return not Drill.objects.filter(started_at__gt=at - EVERY).exists()


def drill(folder: Path, *, at: datetime) -> Drill:
    """Raises Unreadable where there is no backup, Refused where there is no database for drills."""
    name, where = restoring.newest(folder), databases.named(databases.DRILL)
    started = monotonic()
    with _home() as home, _empty(where):
        command: list[str | Path] = [sys.executable, ROOT / "manage.py", "restore", folder, "--backup", name, "--json"]
        done = subprocess.run(
            command, env=_environment(home), cwd=ROOT, capture_output=True, text=True, check=False,
            timeout=LONGEST.total_seconds(),
        )  # fmt: skip
    result = Drill(backup=name, started_at=at, seconds=monotonic() - started, is_sound=done.returncode == 0)
    if result.is_sound:
        said = json.loads(done.stdout)
        result.people, result.rows = said["people"], said["rows"]
        result.replayed, result.opened = said["replayed"], said["opened"]
    else:
        lines = done.stderr.strip().splitlines() or [""]
        result.trouble = lines[-1].removeprefix("CommandError: ")[:500]
    with processing("retention", actor=ACTOR) as act:
        result.save()
        act.record(Fact.BACKUP_DRILLED.value, reason="sound" if result.is_sound else "not_sound")
    return result


@contextmanager
def _home() -> Iterator[Path]:
    """With a copy of the ledger, as an empty machine has it."""
    run = Path(settings.PORTAL_HOME) / "run"
    run.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="drill-", dir=run) as made:
        home = Path(made)
        if ledger.path().parent.exists():
            shutil.copytree(ledger.path().parent, home / "ledger")
        yield home


@contextmanager
def _empty(where: dict[str, Any]) -> Iterator[None]:
    """Before and after: the copy of everybody's data lives no longer than the drill."""
    command = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--command={_EMPTY}"]
    programs.feed("psql", command, where, ())
    try:
        yield
    finally:
        programs.feed("psql", command, where, ())


def _environment(home: Path) -> dict[str, str]:
    url = databases.url(databases.DRILL)
    other = {"PORTAL_HOME": str(home), "DATABASE_URL": url, databases.OWNER: url, "DEMO": "0"}
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in other}
    return {**kept, **other, "KEYRING": settings.KEYRING, "LEDGER_COPY": "", "DATABASE_POOL": ""}
