"""The visitor's choice as their browser keeps it: signed, and worth nothing if a letter of it was changed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from cookies.registry import registry

_LONGEST: Final = 1024
_SALT: Final = "cookies.choice"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """`version` is the hash of what was chosen about; `despite_gpc`: the browser said no, and the person yes."""

    consent_id: UUID
    accepted: frozenset[str]
    version: str
    despite_gpc: bool


def cookie_name() -> str:
    return "__Host-cookie_choice" if settings.SESSION_COOKIE_SECURE else "cookie_choice"


def read(request: HttpRequest) -> Choice | None:
    """None also for a cookie that is not ours, is altered or was signed with another key."""
    packed = request.COOKIES.get(cookie_name(), "")
    if not packed or len(packed) > _LONGEST:
        return None
    try:
        consent_id, version, groups, despite_gpc = Signer(salt=_SALT).unsign(packed).split(".")
        return Choice(
            consent_id=UUID(consent_id),
            accepted=frozenset(filter(None, groups.split("-"))),
            version=version,
            despite_gpc=despite_gpc == "1",
        )
    except (BadSignature, ValueError):
        return None


def write(response: HttpResponse, choice: Choice) -> None:
    terms = registry().profile.cookie_choice
    assert terms, "without a group to choose there is no choice"
    response.set_cookie(
        cookie_name(),
        _packed(choice),
        max_age=timedelta(days=terms.days),
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


def _packed(choice: Choice) -> str:
    groups = "-".join(sorted(choice.accepted))
    return Signer(salt=_SALT).sign(f"{choice.consent_id.hex}.{choice.version}.{groups}.{int(choice.despite_gpc)}")
