"""A backup: data and keys of one moment, in two folders that need never meet, each sealed under a key of its own.

    DIR/data/<backup>/   manifest.json, database.sealed (all but the keys), files.sealed (sealed files, as they lie)
    DIR/vault/<backup>/  manifest.json, database.sealed (the schema `vault`: people and their wrapped keys)

No key-encryption key is in either. Sealed files never change, so those of the moment are held by hard links while the
rest is copied.
"""

import os
import secrets
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import IO, Final

from django.conf import settings
from django.db import connection

from backups import databases, programs, replaying, snapshot
from backups.facts import Fact
from backups.manifest import Manifest, Part
from backups.models import Backup
from backups.stream import DATA, VAULT, SealedWriter
from personal_data import keyring
from personal_data.scope import processing
from processing_log.actors import Actor
from retention import ledger, remainders

ACTOR: Final = Actor.system("backup")
DATABASE: Final = "database.sealed"
FILES: Final = "files.sealed"
#: what pg_dump is to leave out of one part and put into the other
WHAT: Final = {DATA: ["--exclude-schema=vault"], VAULT: ["--schema=vault"]}
_READ: Final = 256 * 1024
Progress = Callable[[int], object]


def default_folder() -> Path:
    return Path(settings.PORTAL_HOME) / "backups"


def make(folder: Path, *, at: datetime, progress: Progress | None = None) -> Backup:
    """Makes a backup under the folder. `progress` is told how many more bytes were read. Raises BackupError."""
    name = f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    started, tell = monotonic(), progress or (lambda _size: None)
    remainders.finish()  # whoever is gone in this moment is in the ledger
    for room in replaying.registered():
        room.pay()
    with _links() as held, snapshot.shared() as (moment, counted):
        held.hold()
        lines, digest = ledger.state()
        said = Manifest(
            backup=name, kind=DATA, made_at=at.isoformat(), seconds=0.0, epoch=keyring.current().active_epoch,
            rows=counted.rows, events=counted.events, events_digest=counted.events_digest, ledger_lines=lines,
            ledger_digest=digest, log_size=counted.log_size, log_root=counted.log_root,
            wishes={name: [*ledger.state(name)] for name in ledger.WISHES},
        )  # fmt: skip
        with _folder(folder, VAULT, name) as vault:
            parts = [_dump(vault, VAULT, name, moment, tell)]
            replace(said, kind=VAULT, seconds=monotonic() - started, parts=parts).write(vault)
        with _folder(folder, DATA, name) as data:
            parts = [_dump(data, DATA, name, moment, tell), _archive(data, name, held.place, tell)]
            said = replace(said, seconds=monotonic() - started, parts=parts)
            said.write(data)
    with processing("retention", actor=ACTOR) as act:
        made = Backup.objects.create(
            name=name, made_at=at, seconds=said.seconds, size=said.size, epoch=said.epoch, folder=str(folder),
            people=counted.rows["vault.personal_data_subject"],
        )  # fmt: skip
        act.record(Fact.BACKUP_MADE.value, reason=name)
    return made


def expected_size() -> int:
    """About how many bytes will be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone() or (0,)
    return int(size) + sum(path.stat().st_size for path in Path(settings.FILES_DIR).rglob("*") if path.is_file())


@contextmanager
def _folder(folder: Path, kind: str, name: str) -> Iterator[Path]:
    """Under its name only when it is whole."""
    part = folder / kind / f".{name}"
    part.mkdir(parents=True, mode=0o700)
    try:
        yield part
        _sync(part)
        part.rename(folder / kind / name)
        _sync(folder / kind)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _dump(folder: Path, kind: str, name: str, moment: str, tell: Progress) -> Part:
    arguments = ["--format=custom", "--compress=gzip:1", f"--snapshot={moment}", *WHAT[kind]]
    with (
        _sealed(folder / DATABASE, kind, name) as sealed,
        programs.reading("pg_dump", arguments, databases.named(databases.BACKUP)) as dump,
    ):
        while content := dump.read(_READ):
            sealed.write(content)
            tell(len(content))
    return _part(folder / DATABASE, sealed)


def _archive(folder: Path, name: str, files: Path, tell: Progress) -> Part:
    with (
        _sealed(folder / FILES, DATA, name) as sealed,
        tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(files.rglob("*")):
            if path.is_file():
                archive.add(path, arcname=str(path.relative_to(files)), recursive=False)
                tell(path.stat().st_size)
    return _part(folder / FILES, sealed)


@contextmanager
def _sealed(path: Path, kind: str, name: str) -> Iterator[SealedWriter]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        sealed = SealedWriter(out, kind=kind, name=f"{name}/{path.name}")
        yield sealed
        sealed.close()
        _flush(out)


def _part(path: Path, sealed: SealedWriter) -> Part:
    return Part(name=path.name, size=sealed.size, sha256=sealed.digest.hexdigest())


class _Links:
    """Sealed files held by a second name, so that one which is erased meanwhile is still there for the backup."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def hold(self) -> None:
        """Those that are there now and are not held yet."""
        files = Path(settings.FILES_DIR)
        for path in files.rglob("*"):
            target = self.place / path.relative_to(files)
            if path.suffix != ".part" and not target.exists() and path.is_file():
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                try:
                    os.link(path, target)
                except FileNotFoundError:
                    continue  # erased in this moment


@contextmanager
def _links() -> Iterator[_Links]:
    """Beside the files, on the same disk. What a killed backup has left goes first."""
    files = Path(settings.FILES_DIR)
    files.mkdir(parents=True, exist_ok=True)
    for left in files.parent.glob(".held-*"):
        if not _is_alive(left):
            shutil.rmtree(left, ignore_errors=True)
    held = _Links(files.parent / f".held-{os.getpid()}-{secrets.token_hex(3)}")
    held.place.mkdir(mode=0o700)
    try:
        held.hold()
        yield held
    finally:
        shutil.rmtree(held.place, ignore_errors=True)


def _is_alive(left: Path) -> bool:
    pid = left.name.split("-")[1]
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def _flush(out: IO[bytes]) -> None:
    out.flush()
    os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
