"""The ledger's own hand: who may give, what came last, how an entry is made. The acts are in services and papers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from consent import terms
from consent.facts import Fact
from consent.models import ConsentTextVersion, LedgerEntry
from consent.papers import GivenBy
from personal_data.models import Subject
from personal_data.scope import Scope
from profiles import current
from retention.services import CONSENT_WITHDRAWN, cancel_clock

Channel = LedgerEntry.Channel


class MayNotConsent(Exception):
    """The person's data is blocked or destroyed: nothing new may begin."""


class AlreadyInForce(Exception):
    """A consent to this purpose is in force already."""


class NotInForce(Exception):
    """The consent was never given, or is withdrawn already."""


class NotTheTextShown(Exception):
    """What the person was shown is not the newest published text; they must see that one first."""


def lock(subject_id: UUID) -> Subject:
    """Two acts of one person come one after the other."""
    return Subject.objects.select_for_update(no_key=True).get(pk=subject_id)


def lock_the_living(subject_id: UUID) -> Subject:
    """Raises MayNotConsent."""
    subject = lock(subject_id)
    if subject.blocked_at or subject.destroyed_at:
        raise MayNotConsent(str(subject_id))
    return subject


def ensure_may_give(subject: Subject, purpose: str) -> LedgerEntry | None:
    """The entry that the new one will follow. Raises MayNotConsent, AlreadyInForce, NotTheTextShown."""
    known = current().purposes.get(purpose)
    if known is None or not known.needs_consent:
        raise NotTheTextShown(purpose)
    if subject.kind not in known.subject_kinds:
        raise MayNotConsent(str(subject.pk))
    last = last_entry(subject.pk, purpose)
    if last and last.is_given:
        raise AlreadyInForce(purpose)
    return last


def last_entry(subject_id: UUID, purpose: str) -> LedgerEntry | None:
    entries = LedgerEntry.objects.filter(subject_id=subject_id, purpose=purpose)
    return entries.select_related("text").order_by("turn").last()


def enter_given(
    act: Scope,
    *,
    subject: Subject,
    text: ConsentTextVersion,
    language: str,
    channel: Channel,
    at: datetime,
    given_by: str = GivenBy.SUBJECT,
    **proof: Any,
) -> LedgerEntry:
    """Makes the entry and opens the purpose. `proof` is what the channel needs: served, awaited or paper."""
    last = ensure_may_give(subject, text.purpose)
    entry = LedgerEntry.objects.create(
        subject=subject,
        purpose=text.purpose,
        turn=last.turn + 1 if last else 1,
        kind=LedgerEntry.Kind.GIVEN,
        text=text,
        language=language,
        sha256=text.hash_in(language),
        channel=channel,
        given_by=given_by,
        at=at,
        act=act.declaration.context,
        **proof,
    )
    subject.open_purpose(text.purpose)
    if last:
        cancel_clock(subject_id=subject.pk, trigger=CONSENT_WITHDRAWN, purpose=text.purpose, actor=act.actor, at=at)
        terms.end_with_new_consent(last, at=at)
    act.record(Fact.CONSENT_GIVEN.value, subject=subject.pk, reason=f"{text.purpose} {text.version}")
    return entry


def newest_text(purpose: str) -> ConsentTextVersion | None:
    return ConsentTextVersion.objects.filter(purpose=purpose).order_by("version").last()


def ensure_newest(text: ConsentTextVersion) -> None:
    """Raises NotTheTextShown."""
    if newest_text(text.purpose) != text:
        raise NotTheTextShown(text.purpose)
