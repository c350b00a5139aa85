"""Tokens at the border: allauth, axes, sessions and the admin see `<digest>@s.invalid` instead of an address.

The digest is the blind index of `MailAddress.address`: keyed, not reversible, equal for equal addresses. So a token
leads back to the sealed address of its owner by one indexed look-up, and to nothing without the keyring.
"""

import base64
import os
from typing import Final, cast
from uuid import UUID

from accounts.models import MailAddress, User
from personal_data.blind_index import BlindIndexField

DOMAIN: Final = "s.invalid"
_DIGEST_BYTES: Final = 32


def token(address: str) -> str:
    """The token of an address, known or not. Letter case and the spelling of the domain make no difference."""
    return _spell(_index_field().digest(address))


def is_token(address: str) -> bool:
    """Whether somebody has entered a token, or anything else of its domain, where an address belongs."""
    domain = address.strip().rpartition("@")[2].rstrip(".").lower()
    return domain == DOMAIN or domain.endswith(f".{DOMAIN}")


def digest_of(token: str) -> bytes | None:
    """The blind index in a token; None for what is no token."""
    local, _, domain = token.partition("@")
    if domain != DOMAIN:
        return None
    try:
        digest = base64.b32decode(local.upper() + _padding(local))
    except ValueError:
        return None
    return digest if len(digest) == _DIGEST_BYTES else None


def token_of_nobody() -> str:
    """For an account whose owner has left: nobody's address has this token."""
    return _spell(os.urandom(_DIGEST_BYTES))


def address_of(subject_id: UUID, token: str = "") -> str | None:
    """The address behind a token of this subject; of the one they sign in with, if none is named. To be called inside
    of processing(), which decides whether it opens."""
    wanted = token or User.objects.filter(subject_id=subject_id).values_list("email", flat=True).first() or ""
    rows = list(MailAddress.objects.filter(subject_id=subject_id).order_by("id"))
    found = next((row for row in rows if bytes(row.address_index) == digest_of(wanted)), None)
    if found is None and not token and len(rows) == 1:
        found = rows[0]  # the account is closed and its token given up; the address waits for its destruction
    return cast(str, found.address) if found else None


def subject_of(token: str) -> UUID | None:
    """Whose account has this token."""
    return User.objects.filter(email=token).values_list("subject_id", flat=True).first()


def _index_field() -> BlindIndexField:
    return MailAddress._meta.get_field("address_index")


def _spell(digest: bytes) -> str:
    return f"{base64.b32encode(digest).decode().rstrip('=').lower()}@{DOMAIN}"


def _padding(local: str) -> str:
    return "=" * (-len(local) % 8)
