"""The keys that are never in the database: one key-encryption key per epoch, and roots for look-ups and system seals.

`file:PATH` is a small JSON document that only its owner may read, `env:NAME` the same in an environment variable,
`vault:NAME` keys that never leave a Vault (transit.py). An epoch lasts at most 30 days; new subjects' keys are wrapped
under the active one; rotation.py brings the others after.
"""

import base64
import json
import os
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property, lru_cache
from pathlib import Path
from time import monotonic
from typing import Any, Final, Protocol, Self
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from personal_data.errors import KeyringFixed, KeyringMismatch, KeyringMissing
from personal_data.sealing import NONCE_BYTES

KEY_BYTES: Final = 32
#: no key-encryption key is older: whoever was destroyed is noise in every copy from then on
LONGEST_EPOCH: Final = timedelta(days=30)
#: so old may be what a process knows of its keyring: a destroyed key is forgotten, a new one found
FRESH_SECONDS: Final = 1.0

#: of nonce, ciphertext and place; raises InvalidTag
Decrypt = Callable[[bytes, bytes, bytes], bytes]
#: a key, or what it is wrapped into, and the place it is bound to
Placed = tuple[bytes, bytes]


class Ring(Protocol):
    """What a keyring can do, wherever its keys are."""

    @property
    def id(self) -> UUID: ...
    @property
    def epochs(self) -> Collection[int]: ...
    @property
    def active_epoch(self) -> int: ...
    @property
    def is_far(self) -> bool:
        """Whether asking once for many is worth the trouble."""

    def opener(self, epoch: int) -> Decrypt:
        """Raises KeyringMismatch."""

    def wrap(self, keys: Sequence[Placed], epoch: int) -> list[bytes]:
        """Raises KeyringMismatch."""

    def unwrap(self, wrapped: Sequence[Placed], epoch: int) -> list[bytes | None]:
        """None for one that does not open in its place. Raises KeyringMismatch."""

    def derive(self, label: str) -> bytes:
        """A 256-bit key for one use, named by `label`; equal labels give equal keys."""


@dataclass(frozen=True, kw_only=True)
class Keyring:
    id: UUID
    epochs: Mapping[int, bytes]
    root: bytes
    active: int = 0
    is_far = False

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
            active=int(document.get("active", 0)),
        )

    def to_json(self) -> str:
        return json.dumps(
            {
                "id": str(self.id),
                "epochs": {str(number): base64.b64encode(key).decode() for number, key in self.epochs.items()},
                "active": self.active_epoch,
                "root": base64.b64encode(self.root).decode(),
            }
        )

    @cached_property
    def active_epoch(self) -> int:
        return self.active or max(self.epochs)

    def opener(self, epoch: int) -> Decrypt:
        return self._cipher(epoch).decrypt

    def wrap(self, keys: Sequence[Placed], epoch: int) -> list[bytes]:
        encrypt, nonces = self._cipher(epoch).encrypt, os.urandom(NONCE_BYTES * len(keys))
        wrapped = []
        for number, (key, place) in enumerate(keys):
            nonce = nonces[NONCE_BYTES * number : NONCE_BYTES * (number + 1)]
            wrapped.append(nonce + encrypt(nonce, key, place))
        return wrapped

    def unwrap(self, wrapped: Sequence[Placed], epoch: int) -> list[bytes | None]:
        decrypt, opened = self._cipher(epoch).decrypt, list[bytes | None]()
        for blob, place in wrapped:
            try:
                opened.append(decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], place))
            except (InvalidTag, ValueError):
                opened.append(None)
        return opened

    def _cipher(self, epoch: int) -> AESGCM:
        try:
            return self._ciphers[epoch]
        except KeyError:
            raise KeyringMismatch(f"the keyring has no key of epoch {epoch}") from None

    @cached_property
    def _ciphers(self) -> Mapping[int, AESGCM]:
        return {number: AESGCM(key) for number, key in self.epochs.items()}

    def derive(self, label: str) -> bytes:
        return derive(self.root, label)


def derive(root: bytes, label: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label.encode()).derive(root)


class Store(Protocol):
    """Where a keyring is kept. The three changes can be repeated: what is done already stays done."""

    @property
    def fresh_seconds(self) -> float:
        """After so many it is looked at again."""

    def stamp(self) -> object:
        """Another one when the keyring has changed. Cheap."""

    def load(self) -> Ring:
        """Raises KeyringMissing."""

    def add_epoch(self, number: int) -> None:
        """Makes a key that is not used yet."""

    def activate(self, number: int) -> None:
        """From now on new keys are wrapped under this one."""

    def destroy_epoch(self, number: int) -> None:
        """When this returns, the key is nowhere."""


@dataclass(frozen=True)
class EnvironmentStore:
    """Given by somebody else, who alone can change it."""

    name: str
    fresh_seconds = FRESH_SECONDS

    def stamp(self) -> object:
        return os.environ.get(self.name)

    def load(self) -> Ring:
        return Keyring.from_json(os.environ[self.name])

    def add_epoch(self, number: int) -> None:
        raise KeyringFixed(f"the keyring of KEYRING=env:{self.name} can only be changed where it is set")

    activate = destroy_epoch = add_epoch


@cache
def store_of(location: str) -> Store:
    scheme, _, rest = location.partition(":")
    match scheme:
        case "file":
            from personal_data.keyring_file import FileStore

            return FileStore(Path(rest))
        case "env":
            return EnvironmentStore(rest)
        case "vault":
            from personal_data.transit import TransitStore

            return TransitStore(rest)
    raise KeyringMissing("KEYRING must start with file:, env: or vault:")


def store() -> Store:
    return store_of(settings.KEYRING)


class _Kept:
    """The keyring of one place as it was when it was last looked at."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.looked_at = monotonic()
        try:
            self.store = store_of(location)
            self.stamp = self.store.stamp()
            self.ring = self.store.load()
        except (OSError, KeyError, ValueError, TypeError) as error:
            scheme = location.partition(":")[0]
            raise KeyringMissing(f"the keyring of KEYRING={scheme}:… cannot be read: {type(error).__name__}") from None

    def is_as_it_was(self) -> bool:
        try:
            return self.stamp == self.store.stamp()
        except OSError:
            return False


_kept: dict[str, _Kept] = {}


def current(*, anew: bool = False) -> Ring:
    """The keyring in use. Raises KeyringMissing."""
    kept = _kept.get(settings.KEYRING)
    if kept is not None and not anew:
        now = monotonic()
        if now - kept.looked_at < kept.store.fresh_seconds:
            return kept.ring
        if kept.is_as_it_was():
            kept.looked_at = now
            return kept.ring
    _kept.pop(settings.KEYRING, None)
    kept = _kept[settings.KEYRING] = _Kept(settings.KEYRING)
    return kept.ring


def with_epoch(epoch: int) -> Ring:
    """The keyring in use, read anew when it does not know the epoch. Raises KeyringMismatch."""
    ring = current()
    if epoch not in ring.epochs:
        ring = current(anew=True)
    if epoch not in ring.epochs:
        raise KeyringMismatch(f"the keyring has no key of epoch {epoch}")
    return ring


def forget() -> None:
    """Makes the next question go to where the keyring is kept."""
    _kept.clear()
    _derived.cache_clear()
    store_of.cache_clear()


@lru_cache(maxsize=256)
def _derived(location: str, label: str) -> bytes:
    return current().derive(label)


def derived(label: str) -> bytes:
    """`Ring.derive` of the keyring in use, kept: it is asked for at every look-up, and no epoch changes it."""
    return _derived(settings.KEYRING, label)
