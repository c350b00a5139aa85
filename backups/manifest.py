"""What a backup says of itself: when it was made, of what, and by what its parts are known. Nothing of anybody.

It can be read without a key; a mark made with the keyring tells whether somebody has changed it."""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from backups.errors import Unreadable
from personal_data import keyring

NAME: Final = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file. `size` is in bytes, of the sealed file, and so is the digest."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`rows` by table, `events` and `events_digest` of the processing log, size and root of its tree, lines and digest
    of the ledger, and of each ledger of `wishes`: as they were in the one moment that the backup shows. `epoch` is the
    one under which the vault is sealed."""

    backup: str
    kind: str
    made_at: str
    seconds: float
    epoch: int
    rows: dict[str, int]
    events: int
    events_digest: str
    ledger_lines: int
    ledger_digest: str
    log_size: int = 0
    log_root: str = ""
    wishes: dict[str, list[int | str]] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)

    def write(self, folder: Path) -> None:
        body = asdict(self)
        (folder / NAME).write_text(json.dumps({**body, "mark": _mark(body)}, indent=2, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises Unreadable."""
        try:
            body: dict[str, Any] = json.loads((folder / NAME).read_text())
            mark = str(body.pop("mark"))
            manifest = cls(**{**body, "parts": [Part(**part) for part in body["parts"]]})
        except (OSError, ValueError, KeyError, TypeError):
            raise Unreadable(f"{folder} holds no backup") from None
        if not hmac.compare_digest(mark, _mark(body)):
            raise Unreadable("the manifest was changed, or made with another keyring")
        return manifest


def _mark(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
    return hmac.new(keyring.derived("manifests of backups"), text, hashlib.sha256).hexdigest()
