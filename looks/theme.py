"""Light, dark, or as the device prefers: a choice kept in a cookie of the reader's, never with their account."""

from typing import Final

from django.http import HttpRequest

COOKIE: Final = "theme"
AUTO: Final = "auto"
THEMES: Final = (AUTO, "light", "dark")


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(COOKIE, AUTO)
    return chosen if chosen in THEMES else AUTO
