"""The sealed form of a value: AES-256-GCM, random nonce, bound to the place it stands in.

    number of the person's key (1 byte) | nonce (12) | ciphertext | tag (16)

A person's first key is number 1; the one after 255 is 1 again. 0 is kept for another form, should there ever be one. By
the number PostgreSQL, which opens nothing, refuses what was sealed under a key that is no longer the person's.

Values are padded to buckets of 16, 32, 64, 128 … bytes before sealing, so that their length says little.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from personal_data.errors import Altered

FIRST_KEY: Final = 1
_LAST_KEY: Final = 255
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


def key_after(number: int) -> int:
    return number % _LAST_KEY + 1


def seal(cipher: AESGCM, plain: bytes, place: bytes, key_number: int) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return bytes((key_number,)) + nonce + cipher.encrypt(nonce, pad(plain), place)


def unseal(cipher: AESGCM, sealed: bytes, place: bytes, key_number: int) -> bytes:
    """Raises Altered when the bytes were changed, stood in another place when they were sealed, or were sealed under
    another key."""
    if sealed[:1] != bytes((key_number,)):
        raise Altered("sealed under another key")
    try:
        return unpad(cipher.decrypt(sealed[1:_HEAD], sealed[_HEAD:], place))
    except InvalidTag:
        raise Altered("a sealed value does not open in its place") from None
