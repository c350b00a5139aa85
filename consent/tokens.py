"""One-time numbers: derived from the id of a row with a key that is not in the database, stored as digests. So they can
be made again for the same row (a page that is reloaded, a mail that is sent again) and are found by nobody else."""

import base64
import hashlib
import hmac
from typing import Final
from uuid import UUID

from personal_data import keyring

_LABELS: Final = {"showing": "showing of a consent", "confirmation": "confirmation of a consent"}


def nonce_of(served_id: UUID) -> str:
    return _code("showing", served_id)


def link_code_of(awaited_id: UUID) -> str:
    return _code("confirmation", awaited_id)


def digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _code(what: str, row_id: UUID) -> str:
    """43 letters, 256 bits: as good as random to everybody who lacks the key."""
    mac = hmac.new(keyring.derived(_LABELS[what]), row_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
