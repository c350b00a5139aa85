"""The acts on consents. Each is one transaction: ledger, choke point and processing log agree or nothing happened."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from consent import mailbox, reach, showing, terms, wish_ledger
from consent.facts import Fact
from consent.in_force import acknowledgeable_policies
from consent.ledger import (
    AlreadyInForce,
    Channel,
    MayNotConsent,
    NotInForce,
    NotTheTextShown,
    ensure_may_give,
    enter_given,
    last_entry,
    lock,
    lock_the_living,
    lock_to_give,
    text_in_use,
)
from consent.models import Acknowledgement, Awaited, LedgerEntry, PolicyVersion
from consent.papers import GivenBy
from consent.publication import NothingChosen, WrongChoice, enter_choices
from consent.receipts import issuing
from consent.showing import NotShown
from personal_data.scope import processing
from processing_log.actors import Actor
from retention.services import CONSENT_WITHDRAWN, start_clock

__all__ = [
    "AlreadyInForce",
    "Channel",
    "MayNotConsent",
    "NotInForce",
    "NotShown",
    "NotTheTextShown",
    "NothingChosen",
    "OnPaperOnly",
    "WrongChoice",
    "acknowledge_policy",
    "give_consent",
    "rebuild_open_purposes",
    "withdraw_consent",
]

Choices = Mapping[str, tuple[str, ...]]


class OnPaperOnly(Exception):
    """The law wants this consent in writing (article 9, part 4); a button is no signature."""


def acknowledge_policy(*, subject_id: UUID, shown: str, actor: Actor, at: datetime) -> Acknowledgement:
    """`shown` is the hash of the text that was on the screen. A second time changes nothing."""
    with processing("rights", actor=actor) as act:
        lock_the_living(subject_id)
        policy, language = _policy_shown(shown, at)
        found, is_new = Acknowledgement.objects.get_or_create(
            subject_id=subject_id, policy=policy, defaults={"at": at, "language": language, "sha256": shown}
        )
        if is_new:
            act.record(Fact.POLICY_ACKNOWLEDGED.value, subject=subject_id, reason=f"policy {policy.number}")
    return found


def give_consent(
    *, subject_id: UUID, purpose: str, nonce: str, actor: Actor, at: datetime, choices: Choices | None = None
) -> LedgerEntry | Awaited:
    """`nonce` is the one-time number of the page that the person was shown. Where the purpose wants a mail answered,
    the answer is an Awaited: nothing is open yet. A consent that is on hold is replaced.

    Raises NotShown, NotTheTextShown, AlreadyInForce, MayNotConsent, OnPaperOnly, mailbox.AlreadyAwaited,
    mailbox.TooOften, NothingChosen, WrongChoice."""
    with processing("rights", actor=actor) as act:
        subject = lock_to_give(subject_id)
        ensure_may_give(subject, text_in_use(purpose, at))
        mailbox.ensure_nothing_waits(subject_id, purpose, at)
        served = showing.claim(subject=subject, purpose=purpose, nonce=nonce, at=at)
        if served.text.form == "written":
            raise OnPaperOnly(purpose)
        if served.text.confirmation == "email":
            return mailbox.ask(act, subject=subject, served=served, at=at)
        entry = enter_given(
            act,
            subject=subject,
            text=served.text,
            language=served.language,
            channel=Channel.PORTAL,
            at=at,
            served=served,
        )
        if served.text.dissemination:
            enter_choices(entry, choices or {})
        issuing.issue(entry)
    return entry


def withdraw_consent(
    *,
    subject_id: UUID,
    purpose: str,
    actor: Actor,
    at: datetime,
    channel: str = Channel.PORTAL,
    given_by: str = GivenBy.SUBJECT,
) -> LedgerEntry:
    """Always possible, also for somebody who is blocked or gone, and without an account. From here on the purpose opens
    nothing of theirs, the terms of the law run, and what was held for it alone is destroyed in time. A consent that
    still waits for a mail to be answered is declined. Raises NotInForce."""
    mailbox.decline(subject_id=subject_id, purpose=purpose, actor=actor, at=at)
    with processing("rights", actor=actor) as act:
        subject = lock(subject_id)
        last = last_entry(subject_id, purpose)
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
            channel=channel,
            given_by=given_by,
            at=at,
            act=act.declaration.context,
        )
        subject.close_purpose(purpose)
        clock = None
        if not subject.destroyed_at:
            clock = start_clock(subject_id=subject_id, trigger=CONSENT_WITHDRAWN, purpose=purpose, actor=actor, at=at)
        terms.end_publication(last, at=at)
        terms.start_after_withdrawal(entry, is_gone=bool(subject.destroyed_at), destruction_runs=clock is not None)
        issuing.issue(entry)
        wish_ledger.pay_soon()
        act.record(Fact.CONSENT_WITHDRAWN.value, subject=subject_id, reason=f"{purpose} {last.text.version}")
    return entry


def rebuild_open_purposes(*, subject_id: UUID) -> bool:
    """Makes what the choke point reads equal to the ledger again. False when nothing had to be changed."""
    reach.keep_still()
    subject = lock(subject_id)
    covered = set(reach.open_entries().filter(subject=subject).values_list("purpose", flat=True))
    opened = [subject.open_purpose(purpose) for purpose in sorted(covered - set(subject.open_purposes))]
    closed = [subject.close_purpose(purpose) for purpose in sorted(set(subject.open_purposes) - covered)]
    return any([*opened, *closed])


def _policy_shown(shown: str, at: datetime) -> tuple[PolicyVersion, str]:
    """The version in force, or one that is published and will be."""
    for policy in acknowledgeable_policies(at):
        if shown in (policy.sha256, policy.sha256_en):
            return policy, "ru" if shown == policy.sha256 else "en"
    raise NotTheTextShown("policy")
