"""A backup into an empty database: load, verify the log, replay the ledger of destructions, reconcile, check, open.

The portal is closed from the first step to the last, in every process (gate.py). A restore that was broken off after
loading goes on with `finish()`; one that was broken off before begins again with an empty database."""

import hashlib
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from backups import gate, programs, reconciling, replaying, snapshot, stream
from backups.errors import NotSound, Refused, Unreadable
from backups.facts import Fact
from backups.making import DATABASE, FILES
from backups.manifest import Manifest
from backups.stream import DATA, VAULT
from personal_data.scope import processing
from processing_log import reproving, signer
from processing_log.actors import Actor
from processing_log.facts import Fact as LogFact
from processing_log.notes import TreeHead
from processing_log.sequencer import Inconsistent
from retention import ledger, replay

ACTOR: Final = Actor.system("restore")
_READ: Final = 1024 * 1024
_BEFORE: Final = ("--section=pre-data", "--section=data")
_AFTER: Final = ("--section=post-data",)
_ANY_TABLE: Final = """
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname IN ('public', 'vault') AND c.relkind IN ('r', 'p'))
"""
Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came back; `replayed` people were in the backup and are gone again, `wishes` were said after it."""

    backup: str
    made_at: str
    seconds: float
    people: int
    rows: int
    events: int
    replayed: int
    wishes: int
    keys: int
    opened: int
    swept: int


def newest(folder: Path) -> str:
    """The name of the newest backup both of whose parts are there. Raises Unreadable."""
    both = {path.name for path in (folder / DATA).glob("[!.]*")} & {
        path.name for path in (folder / VAULT).glob("[!.]*")
    }
    if not both:
        raise Unreadable(f"there is no backup in {folder}")
    return max(both)


def restore(folder: Path, name: str, *, at: datetime, owner: dict[str, Any], progress: Progress) -> Restored:
    """Into the database of these settings, which must be empty; `owner` says who may make tables in it. Raises
    Unreadable and Refused with nothing changed, and BackupError or NotSound with the portal closed."""
    started = monotonic()
    data, vault = (Manifest.read(folder / kind / name) for kind in (DATA, VAULT))
    if (data.backup, vault.backup, data.kind, vault.kind) != (name, name, DATA, VAULT):
        raise Unreadable("the two parts are of different backups")
    progress("reading")
    for kind, manifest in ((DATA, data), (VAULT, vault)):
        _ensure_whole(folder / kind / name, manifest)
    _ensure_may_begin(data)
    gate.close(name)
    progress("loading")
    _make_room(owner)
    for kind, sections in ((DATA, _BEFORE), (VAULT, _BEFORE), (VAULT, _AFTER), (DATA, _AFTER)):
        _load(folder, kind, name, sections, owner)
    _unpack(folder, name)
    _ensure_same(data)
    progress("migrating")
    connection.close()
    call_command("migrate", interactive=False, verbosity=0)
    expected = TreeHead(origin="", size=data.log_size, root=bytes.fromhex(data.log_root)) if data.log_root else None
    _prove_the_log(expected, progress)
    return _finish(data, at=at, started=started, progress=progress)


def finish(*, at: datetime, progress: Progress) -> None:
    """What comes after loading, for a database that was put back in another way. Raises NotSound."""
    gate.close("")
    _prove_the_log(None, progress)
    _replay_and_reconcile(at, progress)
    _enter_in_log("")
    gate.open_again()


def _finish(data: Manifest, *, at: datetime, started: float, progress: Progress) -> Restored:
    replayed, wishes, found = _replay_and_reconcile(at, progress)
    _enter_in_log(data.backup)
    gate.open_again()
    return Restored(
        backup=data.backup, made_at=data.made_at, seconds=round(monotonic() - started, 1),
        people=data.rows["vault.personal_data_subject"], rows=sum(data.rows.values()), events=data.events,
        replayed=replayed.destroyed, wishes=wishes, keys=found.keys, opened=found.opened, swept=found.swept,
    )  # fmt: skip


def _prove_the_log(expected: TreeHead | None, progress: Progress) -> None:
    progress("proving")
    try:
        reproving.prove(expected)
    except Inconsistent as found:
        raise NotSound(f"the processing log is not the one that was signed: {found.code}") from None


def _replay_and_reconcile(at: datetime, progress: Progress) -> tuple[replay.Replayed, int, reconciling.Found]:
    progress("replaying")
    replayed = replay.replay(at)
    wishes = sum(room.replay() for room in replaying.registered())
    progress("reconciling")
    return replayed, wishes, reconciling.reconcile()


def _enter_in_log(name: str) -> None:
    try:
        lost = signer.give_up_what_was_lost()
    except Inconsistent as found:
        raise NotSound(f"the processing log is not the one that was signed: {found.code}") from None
    with processing("retention", actor=ACTOR) as act:
        act.record(Fact.BACKUP_RESTORED.value, reason=name)
        if lost:
            act.record(LogFact.LOG_END_LOST.value, reason=f"{lost.size} {lost.root.hex()}")


# --- before anything is changed ---------------------------------------------------------------------------------------


def _ensure_whole(folder: Path, manifest: Manifest) -> None:
    for part in manifest.parts:
        digest = hashlib.sha256()
        try:
            with (folder / part.name).open("rb") as file:
                while content := file.read(_READ):
                    digest.update(content)
        except OSError:
            raise Unreadable(f"{folder / part.name} cannot be read") from None
        if digest.hexdigest() != part.sha256:
            raise Unreadable(f"{folder / part.name} is not what was written")
        for _chunk in _opened(folder, manifest.kind, manifest.backup, part.name):
            break  # its key is there, and its first chunk is sound


def _ensure_may_begin(manifest: Manifest) -> None:
    if not ledger.begins_with(manifest.ledger_lines, manifest.ledger_digest):
        raise Refused(
            f"the ledger of destructions ({ledger.path()}) lacks lines that were there when the backup was made: "
            "bring it back first, else people who were destroyed would return"
        )
    for ledger_name, (lines, digest) in manifest.wishes.items():
        if not ledger.begins_with(int(lines), str(digest), ledger_name):
            raise Refused(
                f"the ledger {ledger.path(ledger_name)} lacks lines that were there when the backup was made: bring it "
                "back first, else what people have withdrawn would be in force again"
            )
    with connection.cursor() as cursor:
        cursor.execute(_ANY_TABLE)
        (is_used,) = cursor.fetchone() or (True,)
    if is_used:
        raise Refused("the database is not empty; restore into a new one")
    files = Path(settings.FILES_DIR)
    if files.exists() and any(path.is_file() for path in files.rglob("*")):
        raise Refused(f"{files} is not empty")


# --- loading ----------------------------------------------------------------------------------------------------------


def _make_room(owner: dict[str, Any]) -> None:
    """The dump brings the schema `vault` itself, with its rights."""
    arguments = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--command=DROP SCHEMA IF EXISTS vault"]
    programs.feed("psql", arguments, owner, ())


def _load(folder: Path, kind: str, name: str, sections: tuple[str, ...], owner: dict[str, Any]) -> None:
    arguments = ["--exit-on-error", "--no-owner", f"--dbname={owner['NAME']}", *sections]
    if owner["USER"] == connection.settings_dict["USER"]:  # a drill: nobody else is to enter
        arguments.append("--no-acl")
    programs.feed("pg_restore", arguments, owner, _opened(folder / kind / name, kind, name, DATABASE))


def _unpack(folder: Path, name: str) -> None:
    files = Path(settings.FILES_DIR)
    files.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = stream.SealedReader(_opened(folder / DATA / name, DATA, name, FILES))
    with tarfile.open(fileobj=content, mode="r|") as archive:
        archive.extractall(files, filter="data")


def _opened(folder: Path, kind: str, name: str, part: str) -> Iterator[bytes]:
    with (folder / part).open("rb") as file:
        yield from stream.opened(file, kind=kind, name=f"{name}/{part}")


def _ensure_same(manifest: Manifest) -> None:
    """Every table has the rows, and the log the events, that were counted in the moment of the backup."""
    connection.close()
    with connection.cursor() as cursor:
        counted = snapshot.count(cursor)
    other = sorted(t for t in manifest.rows.keys() | counted.rows if manifest.rows.get(t) != counted.rows.get(t))
    if other:
        raise NotSound(f"other numbers of rows than were backed up in {', '.join(other)}")
    if (counted.events, counted.events_digest) != (manifest.events, manifest.events_digest):
        raise NotSound("the processing log is not the one that was backed up")
