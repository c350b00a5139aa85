"""Every address of the portal has an access rule, and the rule holds: nothing that is added later can forget it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from access.rules import AccessRule, rule_of

#: Pages that anybody may open, by route prefix. Whoever opens a new one says so here.
OPEN = (
    "",
    "accounts/",
    "api/docs/",
    "api/schema/",
    "c/",
    "desk/calendar/",
    "consents/",
    "ns/",
    "language/",
    "log/",
    "looks/",
    "privacy/",
    "receipts/",
    "unsubscribe/",
    "w/",
    "demo/",
    "healthz",
    "readyz",
    ".well-known/",
    "static/",
)
#: What Django's own admin site brings; it asks for a desk role in access.middleware, for all of it at once.
DESK = "admin/"


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def is_open(route: str) -> bool:
    return route == "" or any(route.startswith(prefix) for prefix in OPEN if prefix)


@pytest.mark.parametrize(("route", "view"), [(r, v) for r, v in addresses() if not r.startswith(DESK)])
def test_every_address_has_an_access_rule_that_fits_its_place(route, view):
    rule = rule_of(view)

    assert isinstance(rule, AccessRule), f"{route} has no access rule"
    assert not rule.is_open or is_open(route), f"{route} is open to all, and nobody has said so in OPEN"


def test_there_are_addresses_to_look_at():
    routes = [route for route, _ in addresses()]
    assert len(routes) > 40
    assert {"me/", "audit/", "admin/"} <= {route.split("/")[0] + "/" for route in routes}
