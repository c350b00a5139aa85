"""The keys that are never in the database: one key-encryption key per epoch, and roots for look-ups and system seals.

A keyring is a small JSON document. `file:PATH` reads it from a file that only its owner may read, `env:NAME` from an
environment variable. An epoch lasts at most 30 days; subjects' keys are wrapped under the newest one.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from personal_data.errors import KeyringMissing

KEY_BYTES: Final = 32


@dataclass(frozen=True, kw_only=True)
class Keyring:
    id: UUID
    epochs: Mapping[int, bytes]
    root: bytes

    @classmethod
    def new(cls) -> Self:
        return cls(id=uuid4(), epochs={1: secrets.token_bytes(KEY_BYTES)}, root=secrets.token_bytes(KEY_BYTES))

    @classmethod
    def from_json(cls, text: str) -> Self:
        document: dict[str, Any] = json.loads(text)
        return cls(
            id=UUID(document["id"]),
            epochs={int(number): base64.b64decode(key, validate=True) for number, key in document["epochs"].items()},
            root=base64.b64decode(document["root"], validate=True),
        )

    def to_json(self) -> str:
        return json.dumps(
            {
                "id": str(self.id),
                "epochs": {str(number): base64.b64encode(key).decode() for number, key in self.epochs.items()},
                "root": base64.b64encode(self.root).decode(),
            }
        )

    @cached_property
    def newest_epoch(self) -> int:
        return max(self.epochs)

    def epoch_cipher(self, epoch: int) -> AESGCM | None:
        return self._ciphers.get(epoch)

    @cached_property
    def _ciphers(self) -> Mapping[int, AESGCM]:
        return {number: AESGCM(key) for number, key in self.epochs.items()}

    def derive(self, label: str) -> bytes:
        """A 256-bit key for one use, named by `label`; equal labels give equal keys."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label.encode()).derive(self.root)


def write_new(path: Path) -> None:
    """Makes a keyring file that only its owner can read; an existing one is never overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(Keyring.new().to_json())
        file.flush()
        os.fsync(file.fileno())


@lru_cache(maxsize=4)
def _load(location: str) -> Keyring:
    scheme, _, rest = location.partition(":")
    try:
        match scheme:
            case "file":
                return Keyring.from_json(Path(rest).read_text())
            case "env":
                return Keyring.from_json(os.environ[rest])
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise KeyringMissing(f"the keyring of KEYRING={scheme}:… cannot be read: {type(error).__name__}") from None
    raise KeyringMissing("KEYRING must start with file: or env:")


def current() -> Keyring:
    return _load(settings.KEYRING)


@cache
def _derived(location: str, label: str) -> bytes:
    return _load(location).derive(label)


def derived(label: str) -> bytes:
    """`Keyring.derive` of the keyring in use, kept: it is asked for at every look-up."""
    return _derived(settings.KEYRING, label)
