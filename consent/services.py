"""The acts on consents. Each is one transaction: ledger, choke point and processing log agree or nothing happened."""

from datetime import datetime
from uuid import UUID

from consent import reach
from consent.facts import Fact
from consent.in_force import acknowledgeable_policies, text_on
from consent.models import Acknowledgement, ConsentTextVersion, LedgerEntry, PolicyVersion
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from profiles import current
from retention.services import CONSENT_WITHDRAWN, cancel_clock, start_clock


class MayNotConsent(Exception):
    """The person's data is blocked or destroyed: nothing new may begin."""


class AlreadyInForce(Exception):
    """A consent to this purpose is in force already."""


class NotInForce(Exception):
    """The consent was never given, or is withdrawn already."""


class NotTheTextShown(Exception):
    """What the person was shown is not the newest published text; they must see that one first."""


def acknowledge_policy(*, subject_id: UUID, shown: str, actor: Actor, at: datetime) -> Acknowledgement:
    """`shown` is the hash of the text that was on the screen. A second time changes nothing."""
    with processing("rights", actor=actor) as act:
        _lock_the_living(subject_id)
        policy, language = _policy_shown(shown, at)
        found, is_new = Acknowledgement.objects.get_or_create(
            subject_id=subject_id, policy=policy, defaults={"at": at, "language": language, "sha256": shown}
        )
        if is_new:
            act.record(Fact.POLICY_ACKNOWLEDGED.value, subject=subject_id, reason=f"policy {policy.number}")
    return found


def give_consent(*, subject_id: UUID, purpose: str, shown: str, actor: Actor, at: datetime) -> LedgerEntry:
    """`shown` is the hash of the text that was on the screen: the newest one of this purpose, in either language. It
    takes the place of a consent that is on hold."""
    with processing("rights", actor=actor) as act:
        reach.keep_still()
        subject = _lock_the_living(subject_id)
        text, language = _text_shown(purpose, shown, at)
        if subject.kind not in current().purpose(purpose).subject_kinds:
            raise MayNotConsent(str(subject_id))
        last = _last_entry(subject_id, purpose)
        if last and last.is_given:
            last = _replaced(last, text, at)
        entry = LedgerEntry.objects.create(
            subject=subject,
            purpose=purpose,
            turn=last.turn + 1 if last else 1,
            kind=LedgerEntry.Kind.GIVEN,
            text=text,
            language=language,
            sha256=shown,
            at=at,
        )
        if reach.is_covered(text):
            subject.open_purpose(purpose)
        if last:
            cancel_clock(subject_id=subject_id, trigger=CONSENT_WITHDRAWN, purpose=purpose, actor=actor, at=at)
        act.record(Fact.CONSENT_GIVEN.value, subject=subject_id, reason=f"{purpose} {text.version}")
    return entry


def withdraw_consent(*, subject_id: UUID, purpose: str, actor: Actor, at: datetime) -> LedgerEntry:
    """Always possible, also for somebody who is blocked or gone. From here on the purpose opens nothing of theirs, and
    what was held for it alone is destroyed in time."""
    with processing("rights", actor=actor) as act:
        subject = _lock(subject_id)
        last = _last_entry(subject_id, purpose)
        if last is None or not last.is_given:
            raise NotInForce(purpose)
        entry = LedgerEntry.objects.create(
            subject=subject,
            purpose=purpose,
            turn=last.turn + 1,
            kind=LedgerEntry.Kind.WITHDRAWN,
            text=last.text,
            language=last.language,
            sha256=last.sha256,
            at=at,
        )
        subject.close_purpose(purpose)
        if not subject.destroyed_at:
            start_clock(subject_id=subject_id, trigger=CONSENT_WITHDRAWN, purpose=purpose, actor=actor, at=at)
        act.record(Fact.CONSENT_WITHDRAWN.value, subject=subject_id, reason=f"{purpose} {last.text.version}")
    return entry


def rebuild_open_purposes(*, subject_id: UUID) -> bool:
    """Makes what the choke point reads equal to the ledger again. False when nothing had to be changed."""
    subject = _lock(subject_id)
    in_force = set(reach.open_entries().filter(subject=subject).values_list("purpose", flat=True))
    opened = [subject.open_purpose(purpose) for purpose in sorted(in_force - set(subject.open_purposes))]
    closed = [subject.close_purpose(purpose) for purpose in sorted(set(subject.open_purposes) - in_force)]
    return any([*opened, *closed])


def _lock(subject_id: UUID) -> Subject:
    """Two acts of one person come one after the other."""
    return Subject.objects.select_for_update(no_key=True).get(pk=subject_id)


def _lock_the_living(subject_id: UUID) -> Subject:
    """Raises MayNotConsent."""
    subject = _lock(subject_id)
    if subject.blocked_at or subject.destroyed_at:
        raise MayNotConsent(str(subject_id))
    return subject


def _last_entry(subject_id: UUID, purpose: str) -> LedgerEntry | None:
    entries = LedgerEntry.objects.filter(subject_id=subject_id, purpose=purpose)
    return entries.select_related("text").order_by("turn").last()


def _replaced(last: LedgerEntry, text: ConsentTextVersion, at: datetime) -> LedgerEntry:
    """Ends a consent that is on hold, where the new text covers what the old one does not."""
    if reach.is_covered(last.text) or not reach.is_covered(text):
        raise AlreadyInForce(last.purpose)
    return LedgerEntry.objects.create(
        subject_id=last.subject_id,
        purpose=last.purpose,
        turn=last.turn + 1,
        kind=LedgerEntry.Kind.REPLACED,
        text=last.text,
        language=last.language,
        sha256=last.sha256,
        at=at,
    )


def _policy_shown(shown: str, at: datetime) -> tuple[PolicyVersion, str]:
    """The version in force, or one that is published and will be."""
    for policy in acknowledgeable_policies(at):
        if shown in (policy.sha256, policy.sha256_en):
            return policy, "ru" if shown == policy.sha256 else "en"
    raise NotTheTextShown("policy")


def _text_shown(purpose: str, shown: str, at: datetime) -> tuple[ConsentTextVersion, str]:
    newest = text_on(purpose, at)
    if newest is None or shown not in (newest.sha256, newest.sha256_en):
        raise NotTheTextShown(purpose)
    return newest, "ru" if shown == newest.sha256 else "en"
