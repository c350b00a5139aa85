"""The ledger's own hand: who may give, what came last, how an entry is made. The acts are in services and papers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from consent import reach, terms
from consent.facts import Fact
from consent.in_force import text_on
from consent.models import ConsentTextVersion, LedgerEntry
from consent.papers import GivenBy
from consent.suppression import lift_by_consent
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
    """What the person was shown is not the text in use; they must see that one first."""


def lock(subject_id: UUID) -> Subject:
    """Two acts of one person come one after the other."""
    return Subject.objects.select_for_update(no_key=True).get(pk=subject_id)


def lock_the_living(subject_id: UUID) -> Subject:
    """Raises MayNotConsent."""
    subject = lock(subject_id)
    if subject.blocked_at or subject.destroyed_at:
        raise MayNotConsent(str(subject_id))
    return subject


def lock_to_give(subject_id: UUID) -> Subject:
    """For an act that may open a purpose: until its end no version is published. Called before the text is looked up.
    Raises MayNotConsent."""
    reach.keep_still()
    return lock_the_living(subject_id)


def ensure_may_give(subject: Subject, text: ConsentTextVersion) -> LedgerEntry | None:
    """The entry that the new one will follow: the last one, which ended a consent, or one on hold that this text
    renews. Raises MayNotConsent, AlreadyInForce, NotTheTextShown."""
    known = current().purposes.get(text.purpose)
    if known is None or not known.needs_consent:
        raise NotTheTextShown(text.purpose)
    if subject.kind not in known.subject_kinds:
        raise MayNotConsent(str(subject.pk))
    last = last_entry(subject.pk, text.purpose)
    if last and last.is_given and not _renews(text, last):
        raise AlreadyInForce(text.purpose)
    return last


def _renews(text: ConsentTextVersion, held: LedgerEntry) -> bool:
    return reach.is_covered(text) and not reach.is_covered(held.text)


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
    said_on: date | None = None,
    **proof: Any,
) -> LedgerEntry:
    """Makes the entry, in the stead of one on hold if there is one, and opens the purpose if the text covers what is
    done today. `said_on`: the day on which the person agreed, if not now. `proof` is what the channel needs: served,
    awaited or paper. The caller has called `lock_to_give`. Raises suppression.ObjectedSince."""
    last = ensure_may_give(subject, text)
    if last and last.is_given:
        last = _replace(act, last, channel=channel, given_by=given_by, at=at)
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
    if reach.is_covered(text):
        subject.open_purpose(text.purpose)
        lift_by_consent(subject_id=subject.pk, purpose=text.purpose, actor=act.actor, at=at, said_on=said_on)
    if last:
        cancel_clock(subject_id=subject.pk, trigger=CONSENT_WITHDRAWN, purpose=text.purpose, actor=act.actor, at=at)
        terms.end_with_new_consent(last, at=at)
    act.record(Fact.CONSENT_GIVEN.value, subject=subject.pk, reason=f"{text.purpose} {text.version}")
    return entry


def _replace(act: Scope, held: LedgerEntry, *, channel: Channel, given_by: str, at: datetime) -> LedgerEntry:
    """Ends a consent on hold by the newer one of the same moment. It is no withdrawal: nothing is to be destroyed, and
    what was to be made public of the old one the new one says anew."""
    terms.end_with_new_consent(held, at=at)
    return LedgerEntry.objects.create(
        subject_id=held.subject_id,
        purpose=held.purpose,
        turn=held.turn + 1,
        kind=LedgerEntry.Kind.REPLACED,
        text=held.text,
        language=held.language,
        sha256=held.sha256,
        channel=channel,
        given_by=given_by,
        at=at,
        act=act.declaration.context,
    )


def text_in_use(purpose: str, at: datetime) -> ConsentTextVersion:
    """Raises NotTheTextShown: there is none."""
    text = text_on(purpose, at)
    if text is None:
        raise NotTheTextShown(purpose)
    return text


def ensure_in_use(text: ConsentTextVersion, at: datetime) -> None:
    """Raises NotTheTextShown: another text is in use by now."""
    if text_in_use(text.purpose, at) != text:
        raise NotTheTextShown(text.purpose)
