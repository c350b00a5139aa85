"""Taking cookies out of a browser. Only their own site can: what lies under another one's name is out of our reach."""

import ipaddress
from collections.abc import Iterable, Iterator
from http.cookies import Morsel
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cookies.registry import COOKIE, STORAGE, Registry

LONG_AGO: Final = "Thu, 01 Jan 1970 00:00:00 GMT"


def remove_groups(request: HttpRequest, response: HttpResponseBase, registry: Registry, groups: Iterable[str]) -> None:
    """Every cookie that the registry knows for these groups, also one that this page cannot see, and their storage."""
    entries = [entry for group in groups for entry in registry.entries_of(group)]
    names = {entry.name for entry in entries if entry.kind == COOKIE and not entry.name.endswith("*")}
    seen = {name for name in request.COOKIES if registry.find(name) in entries}
    for name in sorted(names | seen):
        remove(request, response, name)
    if any(entry.kind == STORAGE for entry in entries):
        response["Clear-Site-Data"] = '"storage"'  # no cookie, no cache: a session goes on


def remove_strays(
    request: HttpRequest, response: HttpResponseBase, registry: Registry, accepted: frozenset[str]
) -> None:
    """What a tab that stayed open has set again after its group was refused."""
    for name in request.COOKIES:
        entry = registry.find(name)
        if entry and entry.group in registry.optional_codes and entry.group not in accepted:
            remove(request, response, name)


def remove(request: HttpRequest, response: HttpResponseBase, name: str) -> None:
    """From the host and from every domain above it: a counter sets its cookies as high as it can."""
    for domain in ("", *domains_above(urlsplit(f"//{request.get_host()}").hostname or "")):
        morsel: Morsel[str] = Morsel()
        morsel.set(name, "", "")
        morsel.update({"path": "/", "max-age": "0", "expires": LONG_AGO, "domain": domain, "samesite": "Lax"})
        if settings.SESSION_COOKIE_SECURE:
            morsel["secure"] = True
        response.cookies[f"{name} {domain}"] = morsel  # the jar is a dict: one name, several domains


def domains_above(host: str) -> Iterator[str]:
    """portal.example.org, example.org; never a top level domain, and nothing for an address or a bare name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        for start in range(len(labels) - 1):
            yield ".".join(labels[start:])
