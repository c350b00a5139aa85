"""C2SP signed notes, checkpoints and cosignatures: the texts that leave the portal, byte for byte.

https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-cosignature"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = 1
COSIGNATURE: Final = 4
_NAME: Final = re.compile(r"[^\s+]+")
_SIGNATURE: Final = re.compile(r"— ([^\s+]+) (\S+)")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class Malformed(ValueError):
    """Not what the standards say, byte for byte."""


class NotSigned(ValueError):
    """No key that is trusted has signed this, or a signature of one is broken."""


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    name: str
    kind: int
    raw: bytes

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Raises Malformed."""
        name, plus, rest = vkey.partition("+")
        key_id, second, encoded = rest.partition("+")
        if not plus or not second or not _NAME.fullmatch(name):
            raise Malformed("a public key is written name+id+key")
        content = from_base64(encoded)
        if len(content) != 33 or content[0] not in (ED25519, COSIGNATURE):
            raise Malformed("not an Ed25519 key")
        key = cls(name=name, kind=content[0], raw=content[1:])
        if key.id.hex() != key_id:
            raise Malformed("the id of the key does not fit it")
        return key

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.raw)}"

    def has_signed(self, text: str, blob: bytes) -> bool:
        """`blob` is a signature line's content."""
        if self.kind == COSIGNATURE:
            message, signature = cosigned_message(text, int.from_bytes(blob[4:12], "big")), blob[12:]
        else:
            message, signature = text.encode(), blob[4:]
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, kw_only=True)
class Signature:
    name: str
    blob: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        found = _SIGNATURE.fullmatch(line)
        if not found:
            raise Malformed("not a signature line")
        blob = from_base64(found[2])
        if len(blob) < 5:
            raise Malformed("a signature is too short")
        return cls(name=found[1], blob=blob)

    def __str__(self) -> str:
        return f"— {self.name} {to_base64(self.blob)}"

    @property
    def cosigned_at(self) -> int:
        """Seconds since 1970, of a cosignature."""
        return int.from_bytes(self.blob[4:12], "big")


@dataclass(frozen=True, kw_only=True)
class Note:
    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """Raises Malformed."""
        text, gap, lines = note.rpartition("\n\n")
        if not gap or not lines.endswith("\n") or any(ord(char) < 32 and char != "\n" for char in note):
            raise Malformed("not a signed note")
        return cls(text=text + "\n", signatures=tuple(map(Signature.parse, lines[:-1].split("\n"))))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)

    def signed_by(self, keys: Iterable[PublicKey]) -> list[PublicKey]:
        """The keys that have signed; unknown signatures are passed over. Raises NotSigned on a broken one."""
        known = {(key.name, key.id): key for key in keys}
        found = [(known.get((signature.name, signature.blob[:4])), signature) for signature in self.signatures]
        signed = [(key, signature) for key, signature in found if key]
        if not all(key.has_signed(self.text, signature.blob) for key, signature in signed):
            raise NotSigned("a signature is broken")
        return [key for key, _signature in signed]


@dataclass(frozen=True, kw_only=True)
class TreeHead:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises Malformed. Extension lines are passed over."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not lines[0] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
            raise Malformed("not a checkpoint")
        root = from_base64(lines[2])
        if len(root) != 32:
            raise Malformed("the root is no SHA-256")
        return cls(origin=lines[0], size=int(lines[1]), root=root)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def public_key(name: str, private: Ed25519PrivateKey, kind: int = ED25519) -> PublicKey:
    return PublicKey(name=name, kind=kind, raw=private.public_key().public_bytes_raw())


def sign(text: str, name: str, *keys: Ed25519PrivateKey) -> Note:
    signed = [(public_key(name, key), key.sign(text.encode())) for key in keys]
    return Note(text=text, signatures=tuple(Signature(name=name, blob=key.id + blob) for key, blob in signed))


def cosign(text: str, name: str, key: Ed25519PrivateKey, *, seconds: int) -> Signature:
    blob = (
        public_key(name, key, COSIGNATURE).id + seconds.to_bytes(8, "big") + key.sign(cosigned_message(text, seconds))
    )
    return Signature(name=name, blob=blob)


def cosigned_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def to_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def from_base64(text: str) -> bytes:
    """Only as it is written by to_base64(): base64 has several ways to write the same. Raises Malformed."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Malformed("not base64") from wrong
    if to_base64(content) != text:
        raise Malformed("not base64 as it is written")
    return content
