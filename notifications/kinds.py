"""Service mail and advertising. A mail is service unless its template is entered here with the purpose that it
advertises for; so nothing becomes advertising, or stops being it, by what the caller says."""

from typing import Final

import profiles

_ADVERTISING: Final[dict[str, str]] = {}


class WrongKind(ValueError):
    """An advertising template for another purpose than its own, or a service mail for a purpose of advertising."""


def advertise(template: str, *, purpose: str) -> None:
    """To be called when the room that owns the template gets ready."""
    _ADVERTISING[template] = purpose


def advertising_templates() -> frozenset[str]:
    return frozenset(_ADVERTISING)


def is_advertising(template: str) -> bool:
    return template in _ADVERTISING


def ensure_fits(template: str, purpose: str) -> None:
    """Raises WrongKind."""
    known = profiles.current().purposes.get(purpose)
    expected = _ADVERTISING.get(template)
    if (expected is not None and expected != purpose) or (known and known.advertising != is_advertising(template)):
        raise WrongKind(f"the mail {template!r} is not for the purpose {purpose!r}")
