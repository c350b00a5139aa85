"""A sealed stream: AES-256-GCM in chunks, in the STREAM construction, so that nothing is moved, dropped or cut off.

    magic (8) | length of the header (4) | header (JSON) | chunk | chunk | …

Each chunk is 1 MiB of content (the last one may be shorter) and a tag of 16 bytes. Its nonce is a random prefix (7
bytes, in the header), its number (4) and whether it is the last one (1); its associated data is the SHA-256 of all that
stands before the first chunk. The key is random, used for this stream alone, and stands wrapped in the header:

- data: under a key derived from the keyring's root, which outlives the epochs;
- vault: as a subject's key is, under the active epoch. When that ends, the file is noise.
"""

import base64
import hashlib
import io
import json
import os
import secrets
from collections.abc import Iterator
from typing import IO, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backups.errors import Unreadable
from personal_data import keyring
from personal_data.errors import KeyringMismatch

MAGIC: Final = b"OPBACK1\n"
CHUNK: Final = 1024 * 1024
_TAG: Final = 16
_NONCE: Final = 12
DATA: Final = "data"
VAULT: Final = "vault"


class SealedWriter(io.RawIOBase):
    """Seals what is written to it. Whole only after `close()`."""

    def __init__(self, out: IO[bytes], *, kind: str, name: str) -> None:
        super().__init__()
        key = secrets.token_bytes(keyring.KEY_BYTES)
        self._out = out
        self._prefix = os.urandom(7)
        self._cipher = AESGCM(key)
        self._number = 0
        self._left = bytearray()
        header = json.dumps(
            {"kind": kind, "name": name, "prefix": self._prefix.hex(), **_wrapped(key, kind, name)}, sort_keys=True
        ).encode()
        head = MAGIC + len(header).to_bytes(4, "big") + header
        self._bound_to = hashlib.sha256(head).digest()
        self.digest = hashlib.sha256()
        self.size = 0
        self._put(head)

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._left += content
        while len(self._left) > CHUNK:  # the last chunk may be full, so one is kept back
            self._seal(bytes(self._left[:CHUNK]), is_last=False)
            del self._left[:CHUNK]
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._left), is_last=True)
        super().close()

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        self._put(self._cipher.encrypt(_nonce(self._prefix, self._number, is_last), content, self._bound_to))
        self._number += 1

    def _put(self, content: bytes) -> None:
        self._out.write(content)
        self.digest.update(content)
        self.size += len(content)


def opened(file: IO[bytes], *, kind: str, name: str) -> Iterator[bytes]:
    """The content in chunks. Raises Unreadable: another file, another keyring, an epoch that is over, altered bytes."""
    head = file.read(len(MAGIC) + 4)
    size = int.from_bytes(head[len(MAGIC) :], "big")
    if not head.startswith(MAGIC) or size > CHUNK:
        raise Unreadable("not a backup of this portal")
    text = file.read(size)
    try:
        header = json.loads(text)
        prefix = bytes.fromhex(header["prefix"])
    except (ValueError, KeyError, TypeError):
        raise Unreadable("the head of the backup is damaged") from None
    if (header.get("kind"), header.get("name")) != (kind, name):
        raise Unreadable("the file is a part of another backup")
    cipher, bound_to = AESGCM(_key(header)), hashlib.sha256(head + text).digest()
    number, chunk = 0, file.read(CHUNK + _TAG)
    while True:
        following = file.read(CHUNK + _TAG) if len(chunk) == CHUNK + _TAG else b""
        try:
            yield cipher.decrypt(_nonce(prefix, number, not following), chunk, bound_to)
        except (InvalidTag, ValueError):
            raise Unreadable("the backup was altered, or is cut off") from None
        if not following:
            return
        number, chunk = number + 1, following


class SealedReader(io.RawIOBase):
    """`opened()` as a file, for whoever reads so many bytes at a time."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = chunk
        part, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def _nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


def _wrapped(key: bytes, kind: str, name: str) -> dict[str, Any]:
    place = _place(kind, name)
    if kind == VAULT:
        ring = keyring.current()
        (blob,) = ring.wrap([(key, place)], ring.active_epoch)
        return {"epoch": ring.active_epoch, "key": base64.b64encode(blob).decode()}
    nonce = os.urandom(_NONCE)
    return {"key": base64.b64encode(nonce + _of_data().encrypt(nonce, key, place)).decode()}


def _key(header: dict[str, Any]) -> bytes:
    place = _place(header["kind"], header["name"])
    try:
        blob = base64.b64decode(header["key"], validate=True)
        if header["kind"] == VAULT:
            (key,) = keyring.with_epoch(header["epoch"]).unwrap([(blob, place)], header["epoch"])
            if key is None:
                raise InvalidTag
            return key
        return _of_data().decrypt(blob[:_NONCE], blob[_NONCE:], place)
    except KeyringMismatch:
        raise Unreadable("the epoch of its keys is over: they were destroyed, nothing in it opens") from None
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise Unreadable("it was made with another keyring") from None


def _of_data() -> AESGCM:
    return AESGCM(keyring.derived("backups of the data"))


def _place(kind: str, name: str) -> bytes:
    return f"backup|{kind}|{name}".encode()
