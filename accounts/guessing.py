"""How axes counts failed sign-ins: by a keyed digest of the border token, never by where somebody comes from."""

import hmac
from typing import Any

from django.http import HttpRequest

from personal_data import keyring


def username(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str | None:
    """AXES_USERNAME_CALLABLE. The credentials hold a token; what becomes of it in the cache leads nowhere."""
    given = (credentials or {}).get("email") or (credentials or {}).get("username")
    return counter_of(str(given)) if given else None


def counter_of(token: str) -> str:
    return hmac.digest(keyring.derived("failed sign-ins"), token.encode(), "sha256").hex()


def no_address(request: HttpRequest) -> None:
    """AXES_CLIENT_IP_CALLABLE"""


def somebody(*_: Any, **__: Any) -> str:
    """AXES_CLIENT_STR_CALLABLE: what axes writes into the log about who failed."""
    return "somebody"
