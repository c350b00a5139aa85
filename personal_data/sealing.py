"""The sealed form of a value: AES-256-GCM, random nonce, bound to the place it stands in.

    version (1 byte) | nonce (12) | ciphertext | tag (16)

Values are padded to buckets of 16, 32, 64, 128 … bytes before sealing, so that their length says little.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from personal_data.errors import Altered

VERSION: Final = b"\x01"
NONCE_BYTES: Final = 12
_HEAD: Final = 1 + NONCE_BYTES
MARK: Final = b"\x80"
_SIZES: Final = tuple(next(bucket for bucket in (16, 32, 64, 128, 256) if bucket >= size) for size in range(257))


def pad(plain: bytes) -> bytes:
    needed = len(plain) + 1
    size = _SIZES[needed] if needed < len(_SIZES) else -(-needed // 256) * 256
    return (plain + MARK).ljust(size, b"\x00")


def unpad(padded: bytes) -> bytes:
    return padded[: padded.rindex(MARK)]


def seal(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + cipher.encrypt(nonce, pad(plain), place)


def unseal(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    """Raises Altered when the bytes were changed, or stood in another place when they were sealed."""
    if sealed[:1] != VERSION:
        raise Altered("unknown form of a sealed value")
    try:
        return unpad(cipher.decrypt(sealed[1:_HEAD], sealed[_HEAD:], place))
    except InvalidTag:
        raise Altered("a sealed value does not open in its place") from None
