"""The ledger of destructions outside of the database: a restored backup is compared with it before it serves anyone.

PORTAL_HOME/ledger/destructions.jsonl, one line a person: reference, moment, key epoch, and the record of the
destruction, so that what was proved stays proved. Lines are only ever appended. A line may stand there twice (the
process died after writing and before noting it): replaying twice changes nothing. With LEDGER_COPY, a folder on another
disk, each line is there as well before anything is reported as done.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fcntl import LOCK_EX, flock
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings

DESTRUCTIONS: Final = "destructions"
#: ledgers of other rooms: what people said, in the same folder and by the same rules
WISHES: Final = ("withdrawals", "suppressions")
_TAIL: Final = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Line:
    subject: UUID
    destroyed_at: datetime
    key_epoch: int
    #: what was destroyed of somebody who stayed; None where the whole person went
    part: UUID | None = None
    record: Mapping[str, Any] = field(default_factory=dict)


def path(name: str = DESTRUCTIONS) -> Path:
    return Path(settings.PORTAL_HOME) / "ledger" / f"{name}.jsonl"


def copies(name: str = DESTRUCTIONS) -> list[Path]:
    """Where else the lines are written."""
    folder = os.environ.get("LEDGER_COPY", "").strip()
    return [Path(folder) / path(name).name] if folder else []


def append(lines: Iterable[object], name: str = DESTRUCTIONS) -> None:
    """On disk when this returns. A line that a crash has cut short is closed first, so that it spoils no other."""
    text = "".join(f"{line}\n" for line in lines)
    for file in (*copies(name), path(name)):
        _append(file, text)


def state(name: str = DESTRUCTIONS) -> tuple[int, str]:
    """The number of its whole lines, and their digest."""
    lines, digest = 0, hashlib.sha256()
    for text in whole_lines(name):
        lines += 1
        digest.update(text)
    return lines, digest.hexdigest()


def begins_with(lines: int, digest: str, name: str = DESTRUCTIONS) -> bool:
    """Whether its first lines are those of a `state()` of earlier."""
    found = hashlib.sha256()
    taken = 0
    for text in islice(whole_lines(name), lines):
        taken += 1
        found.update(text)
    return taken == lines and found.hexdigest() == digest


def newest() -> list[UUID]:
    """Whom the last few hundred lines name as gone."""
    return [line.subject for line in _newest() if line.part is None]


def newest_parts() -> list[Line]:
    return [line for line in _newest() if line.part is not None]


def _newest() -> list[Line]:
    if not path().exists():
        return []
    with path().open("rb") as ledger:
        size = ledger.seek(0, os.SEEK_END)
        ledger.seek(max(size - _TAIL, 0))
        lines = ledger.read().splitlines()[1 if size > _TAIL else 0 :]
    return [line for line in map(_line, lines) if line]


def whole_lines(name: str = DESTRUCTIONS) -> Iterator[bytes]:
    if path(name).exists():
        with path(name).open("rb") as ledger:
            yield from (text for text in ledger if text.endswith(b"\n"))


def _append(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb+", buffering=0) as ledger:
        flock(ledger, LOCK_EX)
        ledger.write((b"" if _ends_whole(ledger.fileno()) else b"\n") + text.encode())
        os.fsync(ledger.fileno())
    _sync_folder(file.parent)


def read() -> Iterable[Line]:
    """The whole lines about people who are gone, in the order they were written."""
    return (line for line in _read() if line.part is None)


def read_parts() -> Iterable[Line]:
    """The whole lines about parts of people who stayed."""
    return (line for line in _read() if line.part is not None)


def _read() -> Iterator[Line]:
    if not path().exists():
        return
    with path().open(encoding="utf-8") as ledger:
        for text in ledger:
            if line := _line(text):
                yield line


def _line(text: str | bytes) -> Line | None:
    try:
        entry = json.loads(text)
    except ValueError:
        return None  # cut short by a crash; it was written again
    return Line(
        subject=UUID(entry["subject"]),
        destroyed_at=datetime.fromisoformat(entry["destroyed_at"]),
        key_epoch=entry["key_epoch"],
        part=UUID(entry["part"]) if entry.get("part") else None,
        record=entry.get("record") or {},
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
