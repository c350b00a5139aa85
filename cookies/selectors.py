"""What pages about cookies show, and what is looked up of earlier choices."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from babel import Locale
from django.conf import settings

from cookies.choice_cookie import cookie_name
from cookies.models import CookieChoice, Shown
from cookies.registry import Material, Registry, sha256_of
from profiles.schema import Cookie, CookieGroup
from profiles.wording import Language


@dataclass(frozen=True, kw_only=True)
class ShownCookie:
    name: str
    why: str
    term: str
    owner: str
    country: str
    is_storage: bool


@dataclass(frozen=True, kw_only=True)
class ShownGroup:
    code: str
    title: str
    description: str
    is_optional: bool
    hosts: Sequence[str]
    country: str
    recipients: Sequence[str]
    cookies: Sequence[ShownCookie]


@lru_cache(maxsize=64)
def material_of(version: str) -> Material:
    """What a choice of that version was about. Raises Shown.DoesNotExist."""
    content = Shown.objects.get(pk=version, kind=Shown.Kind.REGISTRY).content
    material: Material = json.loads(content)
    return material


def last_choice(consent_id: UUID) -> CookieChoice | None:
    return CookieChoice.objects.filter(consent_id=consent_id).last()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One choice as it can be proved. `is_whole`: both texts still have the hashes that were written down with it."""

    at: str
    method: str
    language: str
    accepted: Sequence[str]
    refused: Sequence[str]
    registry: str
    registry_sha256: str
    screen: str | None
    screen_sha256: str | None
    kept_until: str
    is_whole: bool


def evidence_of(consent_id: UUID) -> list[Evidence]:
    """Every choice under this number, the oldest first."""
    choices = CookieChoice.objects.filter(consent_id=consent_id).select_related("registry", "screen")
    return [_evidence(choice) for choice in choices]


def _evidence(choice: CookieChoice) -> Evidence:
    texts = [choice.registry, *([choice.screen] if choice.screen else [])]
    return Evidence(
        at=choice.at.isoformat(),
        method=choice.method,
        language=choice.language,
        accepted=choice.accepted,
        refused=choice.refused,
        registry=choice.registry.content,
        registry_sha256=choice.registry_id,
        screen=choice.screen.content if choice.screen else None,
        screen_sha256=choice.screen_id,
        kept_until=choice.ends_at.isoformat(),
        is_whole=all(sha256_of(text.content) == text.pk for text in texts),
    )


def groups(registry: Registry, language: Language) -> list[ShownGroup]:
    return [_group(registry, group, language) for group in registry.groups.values()]


def _group(registry: Registry, group: CookieGroup, language: Language) -> ShownGroup:
    recipients = [registry.profile.recipients[code] for code in sorted(group.recipients)]
    return ShownGroup(
        code=group.code,
        title=group.title.in_language(language),
        description=group.description.in_language(language),
        is_optional=group.is_optional,
        hosts=sorted(group.hosts.all),
        country=_country(group.database_country, language),
        recipients=[recipient.title.in_language(language) for recipient in recipients],
        cookies=[_cookie(entry, language) for entry in registry.entries_of(group.code)],
    )


def _cookie(entry: Cookie, language: Language) -> ShownCookie:
    return ShownCookie(
        name=_name_here(entry.name),
        why=entry.why.in_language(language),
        term=entry.term.in_language(language),
        owner=entry.owner.in_language(language),
        country=_country(entry.country, language),
        is_storage=entry.kind != "cookie",
    )


def _country(code: str, language: Language) -> str:
    return str(Locale(language).territories.get(code, code))


def _name_here(name: str) -> str:
    """As the browser has it: over https some of the portal's own have longer names."""
    here = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, cookie_name())
    return next((longer for longer in here if longer == f"__Host-{name}"), name)


def registry_as_data(registry: Registry) -> dict[str, object]:
    profile = registry.profile
    return {
        "version": registry.version if registry.optional else None,
        "choice_days": profile.cookie_choice.days if profile.cookie_choice else None,
        "groups": [group.model_dump(mode="json", exclude_defaults=True) for group in registry.groups.values()],
        "cookies": [entry.model_dump(mode="json") for entry in profile.cookies],
    }
