"""The act of choosing, and the end of its record."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from cookies.models import CookieChoice, Shown
from cookies.registry import Registry
from cookies.screens import Screen

Method = CookieChoice.Method


class NotShown(Exception):
    """Somebody says yes to what was not shown to them: the form is an older one, or the group does not exist."""


def record_choice(
    *,
    registry: Registry,
    accepted: Collection[str],
    screen: Screen | None,
    consent_id: UUID | None,
    method: str,
    language: str,
    at: datetime,
) -> CookieChoice:
    """Writes the choice down. A no needs no form: it is always taken. Raises NotShown."""
    if accepted and (screen is None or not set(accepted) <= registry.optional_codes):
        raise NotShown
    terms = registry.profile.cookie_choice
    assert terms, "without a group to choose there is no choice"
    with transaction.atomic():
        return CookieChoice.objects.create(
            consent_id=consent_id or uuid4(),
            accepted=sorted(accepted),
            refused=sorted(registry.optional_codes - set(accepted)),
            registry=_keep(Shown.Kind.REGISTRY, registry.version, registry.material_text, at),
            screen=_keep(Shown.Kind.SCREEN, screen.sha256, screen.content, at) if screen else None,
            language=language,
            method=method,
            at=at,
            ends_at=at + timedelta(days=terms.evidence_days),
        )


def _keep(kind: str, sha256: str, content: str, at: datetime) -> Shown:
    row, _made = Shown.objects.get_or_create(pk=sha256, defaults={"kind": kind, "content": content, "at": at})
    return row


def forget_choices_past_their_term(at: datetime) -> int:
    """The texts they were about stay: they are the operator's own."""
    forgotten, _by_model = CookieChoice.objects.filter(ends_at__lte=at).delete()
    return forgotten
