"""What must hold between the cookies of a profile, their groups, and what the operator promises about visits."""

from collections import Counter
from collections.abc import Iterator

from profiles.schema import CookieGroup, Profile

Finding = tuple[tuple[int | str, ...], str]

NECESSARY = "necessary"
CHOICE = "cookie_choice"
METRICA_HOST = "mc.yandex.ru"
METRICA_COOKIES = frozenset({"_ym_uid", "_ym_d"})


def findings_in_cookies(profile: Profile) -> Iterator[Finding]:
    if NECESSARY not in profile.cookie_groups:
        yield ("cookie_groups",), f"must declare {NECESSARY}: the cookies the portal cannot work without"
    yield from _cookies(profile)
    yield from _choice(profile)
    for code, group in profile.cookie_groups.items():
        at = ("cookie_groups", code)
        findings = _optional(profile, group) if group.is_optional else _necessary(group)
        for key, reason in findings:
            yield (*at, key), reason


def _cookies(profile: Profile) -> Iterator[Finding]:
    for (_kind, name), count in Counter((cookie.kind, cookie.name) for cookie in profile.cookies).items():
        if count > 1:
            yield ("cookies",), f"{name!r} stands here {count} times"
    for place, cookie in enumerate(profile.cookies):
        if cookie.group not in profile.cookie_groups:
            yield ("cookies", place, "group"), f"{cookie.group!r} is not a declared group of cookies"
        if cookie.group == NECESSARY and cookie.name.endswith("*"):
            yield ("cookies", place, "name"), "the portal knows the whole names of its own cookies"


def _choice(profile: Profile) -> Iterator[Finding]:
    terms = profile.cookie_choice
    is_registered = any(cookie.name == CHOICE and cookie.group == NECESSARY for cookie in profile.cookies)
    if not profile.optional_cookie_groups:
        if terms:
            yield ("cookie_choice",), "there is nothing to choose: all cookies are necessary"
        if is_registered:
            yield ("cookies",), f"{CHOICE} is never set: there is nothing to choose"
        return
    if terms is None:
        yield ("cookie_choice",), "is missing: a group of cookies is left to the visitor's choice"
    elif terms.evidence_days < terms.days:
        yield ("cookie_choice", "evidence_days"), "is shorter than the choice lasts: it could not be proved any more"
    if not is_registered:
        yield ("cookies",), f"must declare {CHOICE} as necessary: the choice itself is kept in it"


def _necessary(group: CookieGroup) -> Iterator[tuple[str, str]]:
    if group.hosts.all or group.metrica:
        yield "hosts", "what needs a host of somebody else is not necessary: it belongs in a group people choose"


def _optional(profile: Profile, group: CookieGroup) -> Iterator[tuple[str, str]]:
    if not group.purposes:
        yield "purposes", "is empty: nobody can agree to something for nothing"
    if not group.hosts.all and not any(cookie.group == group.code for cookie in profile.cookies):
        yield "hosts", "neither a host nor a cookie: there is nothing to choose"
    for code in sorted(group.recipients - set(profile.recipients)):
        yield "recipients", f"{code!r} is not a declared recipient"
    if group.hosts.all and not group.recipients:
        yield "recipients", "is empty: whose hosts are these?"
    if group.hosts.all and not profile.collects_visit_data:
        reason = "this operator collects no data about visits (telemetry is empty), and a foreign host learns of each"
        yield "hosts", reason
    if group.metrica:
        yield from _metrica(profile, group)


def _metrica(profile: Profile, group: CookieGroup) -> Iterator[tuple[str, str]]:
    hosts = group.hosts
    if not all(METRICA_HOST in wanted for wanted in (hosts.script, hosts.connect, hosts.img)):
        yield "metrica", f"needs {METRICA_HOST} for script, connect and img"
    named = {cookie.name for cookie in profile.cookies if cookie.group == group.code}
    for name in sorted(METRICA_COOKIES - named):
        yield "metrica", f"sets {name}, which is not among the cookies of this group"
