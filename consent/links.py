"""The link at the foot of a mail by which its reader says "no more of this", signed in or not, for ever.

The token is sealed, not a row: it carries the person's reference, the digest of the address and the purpose, encrypted
and authenticated under a key derived from the keyring's root. So it needs no account, no person and no table: it works
after both are destroyed, and a database restored from before the mail was sent understands it too. It does not expire:
who wants to stop may always stop. Nothing in it can be read without the keyring, and it has one length for all."""

import base64
import os
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.urls import reverse

from consent.suppressed import DIGEST_BYTES
from personal_data import keyring

_LABEL: Final = "way out of a mail"
_PLACE: Final = b"way out of a mail|1"
_VERSION: Final = b"\x01"
_NONCE: Final = 12
_REFERENCE: Final = 16
_PURPOSE: Final = 40  # a code's greatest length (profiles.schema.Code)
_TAG: Final = 16
_SIZE: Final = len(_VERSION) + _NONCE + _REFERENCE + DIGEST_BYTES + _PURPOSE + _TAG
#: Divides by three, so each token has one spelling.
TOKEN_LENGTH: Final = _SIZE * 4 // 3


class NotALink(Exception):
    """The token is not one of ours: mistyped, cut off, altered or invented."""


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """Whom, at which address and for what a mail was written to."""

    subject_id: UUID
    digest: bytes
    purpose: str

    @property
    def token(self) -> str:
        plain = self.subject_id.bytes + self.digest + self.purpose.encode().ljust(_PURPOSE, b"\0")
        nonce = os.urandom(_NONCE)
        sealed = _cipher().encrypt(nonce, plain, _PLACE)
        return base64.urlsafe_b64encode(_VERSION + nonce + sealed).decode()

    @property
    def unsubscribe_url(self) -> str:
        return str(settings.BASE_URL) + reverse("way_out:unsubscribe", args=[self.token])

    @property
    def withdraw_url(self) -> str:
        return str(settings.BASE_URL) + reverse("way_out:withdraw", args=[self.token])


def read(token: str) -> WayOut:
    """Takes one decryption for whatever comes, so that no wrong token is told from another by its time. Raises
    NotALink."""
    blob = _bytes_of(token)
    start = len(_VERSION) + _NONCE
    try:
        plain = _cipher().decrypt(blob[len(_VERSION) : start], blob[start:], _PLACE)
    except InvalidTag:
        raise NotALink from None
    if blob[: len(_VERSION)] != _VERSION:
        raise NotALink
    rest = plain[_REFERENCE:]
    return WayOut(
        subject_id=UUID(bytes=plain[:_REFERENCE]),
        digest=rest[:DIGEST_BYTES],
        purpose=rest[DIGEST_BYTES:].rstrip(b"\0").decode(),
    )


def _bytes_of(token: str) -> bytes:
    try:
        blob = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        blob = b""
    return blob if len(token) == TOKEN_LENGTH and len(blob) == _SIZE else bytes(_SIZE)


def _cipher() -> AESGCM:
    return AESGCM(keyring.derived(_LABEL))
