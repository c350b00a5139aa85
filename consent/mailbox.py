"""Consents that their owner's mailbox has to confirm: asked for, sent, answered or not. Until the answer nothing is
open; an answer that comes too late, or never, leaves everything as it was."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from consent import tokens
from consent.facts import Fact
from consent.ledger import Channel, ensure_in_use, enter_given, lock, lock_the_living, lock_to_give
from consent.models import Awaited, AwaitedStep, LedgerEntry, Served
from consent.receipts import issuing
from notifications.services import send
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles import current

#: How long the link in the mail works.
GOOD_FOR: Final = timedelta(hours=72)
PAUSE: Final = timedelta(minutes=10)
MOST_A_DAY: Final = 5
_DAY: Final = timedelta(hours=24)
Kind = AwaitedStep.Kind


class AlreadyAwaited(Exception):
    """A mail is on its way already; pressing again would only send another."""


class NotAwaited(Exception):
    """The link is unknown, or it was answered, declined or left too long."""


class TooOften(Exception):
    """Enough mails were sent for now."""


def ask(act: Scope, *, subject: Subject, served: Served, at: datetime) -> Awaited:
    """Raises TooOften."""
    purpose = served.text.purpose
    awaited = Awaited(
        subject=subject, purpose=purpose, served=served, at=at, expires_at=at + GOOD_FOR, act=act.declaration.context
    )
    awaited.link_digest = tokens.digest(tokens.link_code_of(awaited.pk))
    _ensure_not_too_often(awaited, at)
    awaited.save(force_insert=True)
    act.record(Fact.CONSENT_ASKED.value, subject=subject.pk, reason=f"{purpose} {served.text.version}")
    _mail(act, awaited, at)
    return awaited


def ensure_nothing_waits(subject_id: UUID, purpose: str, at: datetime) -> None:
    """Raises AlreadyAwaited."""
    if open_for(subject_id, purpose, at):
        raise AlreadyAwaited(purpose)


def send_again(*, subject_id: UUID, purpose: str, actor: Actor, at: datetime) -> None:
    """The same link once more. Raises NotAwaited, TooOften, MayNotConsent."""
    with processing("rights", actor=actor) as act:
        lock_the_living(subject_id)
        awaited = open_for(subject_id, purpose, at)
        if awaited is None:
            raise NotAwaited
        _ensure_not_too_often(awaited, at)
        _mail(act, awaited, at)


def confirm(*, code: str, actor: Actor, at: datetime) -> LedgerEntry:
    """The button behind the link. Raises NotAwaited, NotTheTextShown, AlreadyInForce, MayNotConsent."""
    found = by_code(code, at)
    if found is None:
        raise NotAwaited
    with processing("rights", actor=actor) as act:
        subject = lock_to_give(found.subject_id)
        awaited = by_code(code, at)  # nobody else can answer or decline it now
        if awaited is None:
            raise NotAwaited
        ensure_in_use(awaited.served.text, at)
        entry = enter_given(
            act,
            subject=subject,
            text=awaited.served.text,
            language=awaited.served.language,
            channel=Channel.MAIL_LINK,
            at=at,
            served=awaited.served,
            awaited=awaited,
        )
        issuing.issue(entry)
    return entry


def decline(*, subject_id: UUID, purpose: str, actor: Actor, at: datetime) -> bool:
    """The person has thought better of it. False when nothing waited."""
    if not open_for(subject_id, purpose, at):
        return False
    with processing("rights", actor=actor) as act:
        lock(subject_id)
        awaited = open_for(subject_id, purpose, at)
        if awaited is None:
            return False
        AwaitedStep.objects.create(awaited=awaited, subject_id=subject_id, kind=Kind.DECLINED, at=at)
        act.record(Fact.CONSENT_DECLINED.value, subject=subject_id, reason=purpose)
    return True


def open_for(subject_id: UUID, purpose: str, at: datetime) -> Awaited | None:
    """What waits for an answer at this moment."""
    return _open(at).filter(subject_id=subject_id, purpose=purpose).first()


def all_open_for(subject_id: UUID, at: datetime) -> QuerySet[Awaited]:
    return _open(at).filter(subject_id=subject_id)


def by_code(code: str, at: datetime) -> Awaited | None:
    return _open(at).filter(link_digest=tokens.digest(code)).first()


def was_confirmed(code: str) -> LedgerEntry | None:
    """The consent in force that was given by this very link: whoever presses twice has not pressed in vain."""
    return (
        LedgerEntry.objects.in_force().filter(awaited__link_digest=tokens.digest(code)).select_related("text").first()
    )


def _open(at: datetime) -> QuerySet[Awaited]:
    declined = AwaitedStep.objects.filter(kind=Kind.DECLINED).values("awaited_id")
    waiting = Awaited.objects.filter(at__lte=at, expires_at__gt=at, entry=None).exclude(pk__in=declined)
    return waiting.select_related("served__text").order_by("-at")


def sent_today(subject_id: UUID, purpose: str, at: datetime) -> int:
    """Mails of the last 24 hours, those of declined questions too."""
    return len(_sent(subject_id, purpose, at))


def _sent(subject_id: UUID, purpose: str, at: datetime) -> list[datetime]:
    sent = AwaitedStep.objects.filter(
        subject_id=subject_id, awaited__purpose=purpose, kind=Kind.SENT, at__gt=at - _DAY, at__lte=at
    )
    return sorted(sent.values_list("at", flat=True))


def _ensure_not_too_often(awaited: Awaited, at: datetime) -> None:
    """The pause is between two mails of one question; who declined and asks again is waited for no longer than that
    the day's number allows."""
    moments = _sent(awaited.subject_id, awaited.purpose, at)
    again = AwaitedStep.objects.filter(awaited=awaited, kind=Kind.SENT, at__gt=at - PAUSE).exists()
    if len(moments) >= MOST_A_DAY or again:
        raise TooOften


def _mail(act: Scope, awaited: Awaited, at: datetime) -> None:
    served = awaited.served
    title = current().purpose(awaited.purpose).title.in_language(served.language)
    url = settings.BASE_URL + reverse("consent_by_mail:answer", args=[tokens.link_code_of(awaited.pk)])
    send(
        subject_id=awaited.subject_id,
        template="confirm_consent",
        context={"what": title, "expires_at": awaited.expires_at},
        details={"url": url},
        language=served.language,
        at=at,
    )
    AwaitedStep.objects.create(awaited=awaited, subject_id=awaited.subject_id, kind=Kind.SENT, at=at)
    act.record(Fact.CONSENT_MAIL_SENT.value, subject=awaited.subject_id, reason=awaited.purpose)
