"""The receipt of a destruction: a code that the person gets beforehand and that opens a public page afterwards.

After destruction nobody could be told anything, so the code is known from the start: it is derived from the person's
reference with a key that is not in the database, can be shown again for as long as the person lives in the portal, and
is stored as a digest only.
"""

import base64
import hashlib
import hmac
import re
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from personal_data import keyring

_BYTES: Final = 20
SHAPE: Final = re.compile(r"[a-z2-7]{32}")


def code_for(subject_id: UUID) -> str:
    """32 letters and digits, 160 bits: as good as random to everybody who lacks the key."""
    mac = hmac.new(keyring.derived("receipt of destruction"), subject_id.bytes, hashlib.sha256).digest()
    return base64.b32encode(mac[:_BYTES]).decode().lower()


def code_for_part(subject_id: UUID, part: UUID) -> str:
    """As `code_for`, of something that was destroyed of a person who stays."""
    mac = hmac.new(keyring.derived("receipt of destruction"), subject_id.bytes + part.bytes, hashlib.sha256).digest()
    return base64.b32encode(mac[:_BYTES]).decode().lower()


def url_for_part(subject_id: UUID, part: UUID) -> str:
    return settings.BASE_URL + reverse("retention:receipt", args=[code_for_part(subject_id, part)])


def url_for(subject_id: UUID) -> str:
    """Absolute, for a page that the person prints or a mail."""
    return settings.BASE_URL + reverse("retention:receipt", args=[code_for(subject_id)])


def digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
