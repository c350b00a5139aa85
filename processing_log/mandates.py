"""Mandates: who may audit, what of, from when until when. Kept here without names; inviting is `accounts.auditors`."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, QuerySet

from processing_log.models import Mandate
from processing_log.scopes import Scope

#: A proposal that no second person agreed to is over.
ANSWERED_WITHIN: Final = timedelta(hours=24)
#: No mandate lasts longer: who audits on is invited anew.
LONGEST: Final = timedelta(days=366)


def in_force(at: datetime) -> QuerySet[Mandate]:
    return Mandate.objects.filter(confirmed_at__isnull=False, ended_at=None, begins_at__lte=at, ends_at__gt=at)


def of_auditor(auditor_id: str | UUID, at: datetime) -> Mandate | None:
    return in_force(at).filter(auditor=auditor_id).first()


def last_of(auditor_id: str | UUID) -> Mandate | None:
    """Of one who has none in force: for telling them why."""
    return Mandate.objects.filter(auditor=auditor_id, confirmed_at__isnull=False).order_by("-proposed_at").first()


def scope_of(mandate: Mandate) -> Scope:
    return Scope(
        mandate=mandate.pk,
        since=mandate.events_since,
        until=mandate.events_until,
        operations=tuple(mandate.operations),
        purposes=tuple(mandate.purposes),
        categories=tuple(mandate.categories),
    )


def scope_in_force(mandate_id: UUID, at: datetime) -> Scope | None:
    mandate = in_force(at).filter(pk=mandate_id).first()
    return scope_of(mandate) if mandate else None


def lapsed(at: datetime) -> QuerySet[Mandate]:
    """Proposals that nobody agreed to in time."""
    return Mandate.objects.filter(ended_at=None, confirmed_at=None, proposed_at__lte=at - ANSWERED_WITHIN)


def over(at: datetime) -> QuerySet[Mandate]:
    """Those whose time has passed and that are not closed yet."""
    return Mandate.objects.filter(ended_at=None, confirmed_at__isnull=False, ends_at__lte=at)


def confirm(*, mandate_id: UUID, by: UUID, at: datetime) -> bool:
    """Whether it was waiting for exactly this."""
    waiting = Mandate.objects.filter(pk=mandate_id, confirmed_at=None, ended_at=None)
    fresh = waiting.filter(proposed_at__gt=at - ANSWERED_WITHIN, ends_at__gt=at).exclude(proposed_by=by)
    return bool(fresh.update(confirmed_by=by, confirmed_at=at))


def end(*, mandate_id: UUID, how: str, by: UUID | None, at: datetime) -> bool:
    return bool(Mandate.objects.filter(pk=mandate_id, ended_at=None).update(how=how, ended_by=by, ended_at=at))


def note_mailed(*, mandate_id: UUID, size: int, at: datetime) -> bool:
    """True for one of two who want to mail the same checkpoint."""
    due = Mandate.objects.filter(pk=mandate_id, mailed_size__lt=size)
    return bool(due.update(mailed_size=size, mailed_at=at))


def due_for_mail(size: int, at: datetime, every: timedelta) -> QuerySet[Mandate]:
    """Those in force whose last checkpoint is older than `every`, and smaller than this one."""
    early = in_force(at).filter(mailed_size__lt=size)
    return (early.filter(mailed_at=None) | early.filter(mailed_at__lte=at - every)).order_by(F("mailed_at").asc())
