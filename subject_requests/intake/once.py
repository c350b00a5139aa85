"""A form that was sent, so that a second press leads to the same request. In memory, for an hour."""

import hmac
from typing import Final

from django.core.cache import cache

from personal_data import keyring

_HOUR: Final = 3600


def remember(once: str, number: str) -> None:
    cache.set(_key(once), number, _HOUR)


def filed_before(once: str) -> str:
    return str(cache.get(_key(once)) or "")


def _key(once: str) -> str:
    return f"intake:once:{hmac.digest(keyring.derived('forms of the intake'), once.encode(), 'sha256').hex()}"
