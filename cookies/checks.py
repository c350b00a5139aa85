"""`manage.py check` fails when the portal sets a cookie that its own registry does not know."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from cookies.choice_cookie import cookie_name
from cookies.registry import registry
from looks import theme
from profiles.cookie_checks import NECESSARY


def register_all() -> None:
    checks.register(every_cookie_of_the_portal_is_registered)


def every_cookie_of_the_portal_is_registered(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    found = {name: registry().find(name) for name in _own_names()}
    return [
        checks.Error(f"the profile does not list the cookie {name} as necessary", id="cookies.E001")
        for name, entry in found.items()
        if entry is None or entry.group != NECESSARY
    ]


def _own_names() -> Iterator[str]:
    yield from (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, theme.COOKIE)
    if registry().optional:
        yield cookie_name()
