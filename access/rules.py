"""The access rule of a view, said above its name. A view without one is refused when it is called, and fails a test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponseBase

from access.roles import EVERY_ROLE, Role

View = Callable[..., HttpResponseBase]

_ATTRIBUTE: Final = "access_rule"


@dataclass(frozen=True, kw_only=True)
class AccessRule:
    """`roles` is None for a page that needs no sign-in; `by_key` for what other systems open with a key of theirs."""

    roles: frozenset[Role] | None
    by_key: bool = False

    @property
    def is_open(self) -> bool:
        return self.roles is None and not self.by_key


OPEN: Final = AccessRule(roles=None)
BY_KEY: Final = AccessRule(roles=None, by_key=True)
SIGNED_IN: Final = AccessRule(roles=EVERY_ROLE)


def _mark(view: View, rule: AccessRule) -> View:
    setattr(view, _ATTRIBUTE, rule)
    return view


def open_to_all(view: View) -> View:
    return _mark(view, OPEN)


def signed_in(view: View) -> View:
    return _mark(view, SIGNED_IN)


def by_key(view: View) -> View:
    """The view asks for the key itself: it is one of `systems.api`."""
    return _mark(view, BY_KEY)


def only(*roles: Role) -> Callable[[View], View]:
    return lambda view: _mark(view, AccessRule(roles=frozenset(roles)))


#: Views that are not ours carry no decorator; the first matching module or route prefix speaks for them.
#: The admin asks for a desk role in its own site class and again here.
_BY_MODULE: Final[dict[str, AccessRule]] = {
    "allauth.": OPEN,
    "django.views.i18n": OPEN,
    "django.views.static": OPEN,
    "django.contrib.staticfiles": OPEN,
}


def rule_of(view: Any) -> AccessRule | None:
    """The rule of a resolved view, or None when nobody has given it one."""
    own = getattr(view, _ATTRIBUTE, None) or getattr(getattr(view, "view_class", None), _ATTRIBUTE, None)
    if isinstance(own, AccessRule):
        return own
    module = getattr(getattr(view, "view_class", view), "__module__", "")
    return next((rule for prefix, rule in _BY_MODULE.items() if module.startswith(prefix)), None)
