"""What a key looks like, and what is kept of it."""

import hmac
import secrets
from typing import Final

from personal_data import keyring

#: Tells whoever finds one lying about what it is, scanners of repositories among them.
PREFIX: Final = "opk_"
LENGTH: Final = len(PREFIX) + 43  # 32 random bytes in base64
_SCHEME: Final = "Bearer "


def new() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    return hmac.digest(keyring.derived("keys of other systems"), key.encode(), "sha256").hex()


def digest_in(header: str) -> str | None:
    """Of the key in a header `Authorization: Bearer opk_…`, if there is one."""
    key = header.removeprefix(_SCHEME)
    if key is header or len(key) != LENGTH or not (key.startswith(PREFIX) and key.isascii()):
        return None
    return digest(key)
