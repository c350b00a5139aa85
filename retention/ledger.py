"""The ledger of destructions outside of the database: a restored backup is compared with it before it serves anyone.

PORTAL_HOME/ledger/destructions.jsonl, one line a person: reference, moment, key epoch. Lines are only ever appended. A
line may stand there twice (the process died after writing and before noting it): replaying twice changes nothing.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fcntl import LOCK_EX, flock
from pathlib import Path
from uuid import UUID

from django.conf import settings


@dataclass(frozen=True, kw_only=True)
class Line:
    subject: UUID
    destroyed_at: datetime
    key_epoch: int

    def __str__(self) -> str:
        moment = self.destroyed_at.isoformat(timespec="microseconds")
        return json.dumps({"subject": str(self.subject), "destroyed_at": moment, "key_epoch": self.key_epoch})


def path() -> Path:
    return Path(settings.PORTAL_HOME) / "ledger" / "destructions.jsonl"


def append(lines: Iterable[Line]) -> None:
    """On disk when this returns. A line that a crash has cut short is closed first, so that it spoils no other."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb+", buffering=0) as ledger:
        flock(ledger, LOCK_EX)
        text = "".join(f"{line}\n" for line in lines)
        ledger.write((b"" if _ends_whole(ledger.fileno()) else b"\n") + text.encode())
        os.fsync(ledger.fileno())
    _sync_folder(file.parent)


def read() -> Iterable[Line]:
    """The whole lines, in the order they were written."""
    if not path().exists():
        return
    with path().open(encoding="utf-8") as ledger:
        for text in ledger:
            try:
                entry = json.loads(text)
            except ValueError:
                continue  # cut short by a crash; it was written again
            yield Line(
                subject=UUID(entry["subject"]),
                destroyed_at=datetime.fromisoformat(entry["destroyed_at"]),
                key_epoch=entry["key_epoch"],
            )


def _ends_whole(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
