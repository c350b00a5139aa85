"""What the profile knows of cookies and hosts, asked by name. What it does not know may not appear in a browser."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from profiles import current
from profiles.schema import Cookie, CookieGroup, Profile

COOKIE: Final = "cookie"
STORAGE: Final = "local_storage"
#: A browser promises more about a cookie whose name begins so; over https the portal's own have such names.
PREFIXES: Final = ("__Host-", "__Secure-")
DIRECTIVES: Final = {"script": "script-src", "connect": "connect-src", "img": "img-src"}

Material = Mapping[str, Mapping[str, Any]]


class Registry:
    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.groups: Mapping[str, CookieGroup] = profile.cookie_groups
        self.optional: tuple[CookieGroup, ...] = profile.optional_cookie_groups
        self.optional_codes: frozenset[str] = frozenset(group.code for group in self.optional)

    def find(self, name: str, kind: str = COOKIE) -> Cookie | None:
        """The entry of a cookie that a browser holds, by the name it has there."""
        for entry in self.profile.cookies:
            if entry.kind == kind and _is_meant(entry, name):
                return entry
        return None

    def entries_of(self, group: str) -> list[Cookie]:
        return [entry for entry in self.profile.cookies if entry.group == group]

    def hosts_of(self, groups: Collection[str]) -> frozenset[str]:
        return frozenset(host for group in self.optional if group.code in groups for host in group.hosts.all)

    def sources_of(self, groups: Collection[str]) -> dict[str, list[str]]:
        """What a Content Security Policy says when these groups are chosen."""
        sources: dict[str, list[str]] = {}
        for group in self.optional:
            if group.code in groups:
                for key, directive in DIRECTIVES.items():
                    hosts: Iterable[str] = getattr(group.hosts, key)
                    sources.setdefault(directive, []).extend(f"https://{host}" for host in hosts)
        return {directive: sorted(set(found)) for directive, found in sources.items() if found}

    # --- what a choice was about -----------------------------------------------------------------------------------

    @cached_property
    def material(self) -> Material:
        """What people choose about, without the words for it."""
        return {group.code: self._matter_of(group) for group in self.optional}

    def _matter_of(self, group: CookieGroup) -> dict[str, Any]:
        entries = self.entries_of(group.code)
        return {
            "purposes": sorted(group.purposes),
            "recipients": sorted(group.recipients),
            "hosts": sorted(group.hosts.all),
            "countries": sorted({group.database_country, *(entry.country for entry in entries)}),
            "days": max((entry.days for entry in entries), default=0),
        }

    @cached_property
    def material_text(self) -> str:
        return canonical(self.material)

    @cached_property
    def version(self) -> str:
        return sha256_of(self.material_text)


def registry() -> Registry:
    """Of the profile in force. Made once for each profile."""
    profile = current()
    if not _made or _made[0].profile is not profile:
        _made[:] = [Registry(profile)]
    return _made[0]


_made: list[Registry] = []


def _is_meant(entry: Cookie, name: str) -> bool:
    if entry.name.endswith("*"):
        return name.startswith(entry.name[:-1])
    return name in (entry.name, *(prefix + entry.name for prefix in PREFIXES))


def is_covered(code: str, now: Material, then: Material) -> bool:
    """Whether a choice about `then` speaks of the group as it is now: nothing in it is new, or lasts longer."""
    if code not in then:
        return False
    today, chosen = now[code], then[code]
    lists = ("purposes", "recipients", "hosts", "countries")
    return all(set(today[key]) <= set(chosen[key]) for key in lists) and bool(today["days"] <= chosen["days"])


def canonical(value: object) -> str:
    """The one way of writing a value down, so that its hash can be computed again."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
