"""A keyring in a Vault's transit engine: its keys never leave it, and wrapping is asked for in batches.

    KEYRING=vault:NAME      keys NAME (a version is an epoch) and NAME-root under the mount VAULT_TRANSIT (`transit`)

`min_encryption_version` is the active epoch; a version below `min_decryption_version` is trimmed, which destroys it.
NAME-root is asked once for two keyed digests, the keyring's id and the root of the derived keys; nobody else stores
them. Make both keys before the first start, or let the portal make them if its token may.
"""

import base64
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag

from personal_data import keyring
from personal_data.errors import KeyringMismatch, KeyringMissing
from personal_data.keyring import Decrypt, Placed
from personal_data.vault_http import CLIENT, VaultClient, VaultRefused

KIND: Final = "aes256-gcm96"
#: how many are asked about with one message
TOGETHER: Final = 500
FRESH_SECONDS: Final = 5.0
_PREFIX: Final = b"vault:v"


@dataclass(frozen=True, kw_only=True)
class TransitRing:
    """What a Vault said of its keys. Holds none."""

    id: UUID
    root: bytes = field(repr=False)
    epochs: Collection[int]
    active_epoch: int
    path: str
    client: VaultClient
    is_far = True

    def opener(self, epoch: int) -> Decrypt:
        def open_one(head: bytes, rest: bytes, place: bytes) -> bytes:
            (key,) = self.unwrap([(head + rest, place)], epoch)
            if key is None:
                raise InvalidTag
            return key

        return open_one

    def wrap(self, keys: Sequence[Placed], epoch: int) -> list[bytes]:
        wrapped: list[bytes] = []
        for some in _in_batches(keys):
            sent = [
                {"plaintext": _text(key), "associated_data": _text(place), "key_version": epoch} for key, place in some
            ]
            for answer in self._batch("encrypt", sent):
                if "ciphertext" not in answer:
                    raise KeyringMismatch(f"the Vault wraps nothing under epoch {epoch}")
                wrapped.append(answer["ciphertext"].encode())
        return wrapped

    def unwrap(self, wrapped: Sequence[Placed], epoch: int) -> list[bytes | None]:
        if epoch not in self.epochs:
            raise KeyringMismatch(f"the keyring has no key of epoch {epoch}")
        opened: list[bytes | None] = []
        mine = _PREFIX + b"%d:" % epoch
        for some in _in_batches(wrapped):
            sent = [
                {"ciphertext": blob.decode("ascii", "replace"), "associated_data": _text(place)} for blob, place in some
            ]
            answers = self._batch("decrypt", sent)
            for (blob, _place), answer in zip(some, answers, strict=True):
                is_open = blob.startswith(mine) and answer.get("plaintext")
                opened.append(base64.b64decode(answer["plaintext"]) if is_open else None)
        return opened

    def derive(self, label: str) -> bytes:
        return keyring.derive(self.root, label)

    def _batch(self, what: str, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """An item that is refused says so in its own answer; when all are, the whole message is."""
        mount, _, name = self.path.rpartition("/")
        try:
            answer = self.client.call("POST", f"{mount}/{what}/{name}", {"batch_input": sent})
        except VaultRefused as refused:
            if refused.status >= 500 or refused.status in (403, 404):
                raise KeyringMissing(f"the Vault refuses to {what}: status {refused.status}") from None
            return [{} for _ in sent]
        results: list[dict[str, Any]] = answer["batch_results"]
        return results


@dataclass(frozen=True)
class TransitStore:
    name: str
    client: VaultClient = field(default=CLIENT, compare=False)
    fresh_seconds = FRESH_SECONDS

    @property
    def mount(self) -> str:
        return os.environ.get("VAULT_TRANSIT", "").strip("/ ") or "transit"

    def stamp(self) -> object:
        try:
            return self._said(self._read())
        except KeyringMissing:
            return None  # load() says why

    def load(self) -> TransitRing:
        epochs, active = self._said(self._ensured())
        made_of, root = self._digest("id"), self._digest("root")
        return TransitRing(
            id=UUID(bytes=made_of[:16]), root=root, epochs=epochs, active_epoch=active,
            path=f"{self.mount}/{self.name}", client=self.client,
        )  # fmt: skip

    def add_epoch(self, number: int) -> None:
        if int(self._read()["latest_version"]) < number:
            self._ask("POST", f"keys/{self.name}/rotate", {})

    def activate(self, number: int) -> None:
        if self._said(self._read())[1] < number:
            self._ask("POST", f"keys/{self.name}/config", {"min_encryption_version": number})

    def destroy_epoch(self, number: int) -> None:
        """The versions below as well: what is older than a destroyed epoch was to be destroyed before."""
        found = self._read()
        if int(found["min_decryption_version"]) <= number:
            self._ask("POST", f"keys/{self.name}/config", {"min_decryption_version": number + 1})
        if int(found.get("min_available_version") or 0) <= number:
            self._ask("POST", f"keys/{self.name}/trim", {"min_available_version": number + 1})

    def _ensured(self) -> dict[str, Any]:
        try:
            return self._read()
        except KeyringMissing:
            self._make(self.name)
            self._make(f"{self.name}-root")
            self._ask("POST", f"keys/{self.name}/config", {"min_encryption_version": 1})
            return self._read()

    def _make(self, name: str) -> None:
        self._ask("POST", f"keys/{name}", {"type": KIND, "exportable": False, "allow_plaintext_backup": False})

    def _read(self) -> dict[str, Any]:
        found = self._ask("GET", f"keys/{self.name}")
        if found.get("exportable") or found.get("allow_plaintext_backup"):
            raise KeyringMissing(f"the Vault's key {self.name} can be taken out of it: it is none for a keyring")
        return found

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            return self.client.call(method, f"{self.mount}/{path}", body)
        except VaultRefused as refused:
            raise KeyringMissing(f"the Vault refuses {method} {self.mount}/{path}: {refused}") from None

    @staticmethod
    def _said(found: dict[str, Any]) -> tuple[tuple[int, ...], int]:
        first = max(int(found["min_decryption_version"]), int(found.get("min_available_version") or 0), 1)
        epochs = tuple(range(first, int(found["latest_version"]) + 1))
        return epochs, max(int(found["min_encryption_version"]), first)

    def _digest(self, of: str) -> bytes:
        return _digest(self.client, self.mount, f"{self.name}-root", of)


@lru_cache(maxsize=16)
def _digest(client: VaultClient, mount: str, name: str, of: str) -> bytes:
    """Of the first version, whatever becomes of the key: what is derived from it outlives the epochs."""
    body = {"input": _text(f"operator portal keyring {of}".encode()), "key_version": 1}
    try:
        answer = client.call("POST", f"{mount}/hmac/{name}/sha2-256", body)
    except VaultRefused as refused:
        raise KeyringMissing(f"the Vault refuses {mount}/hmac/{name}: {refused}") from None
    return base64.b64decode(answer["hmac"].rpartition(":")[2])


def _in_batches(items: Sequence[Placed]) -> list[Sequence[Placed]]:
    return [items[first : first + TOGETHER] for first in range(0, len(items), TOGETHER)]


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
