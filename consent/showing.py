"""Showing a consent's screen to a person, and knowing it again when they answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db.models import TextChoices

from consent import tokens
from consent.facts import Fact
from consent.ledger import MayNotConsent, ensure_in_use, lock_the_living
from consent.models import Awaited, LedgerEntry, Screen, Served
from consent.screens import ConsentScreen, screen_of
from consent.selectors import ShownConsent
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor

#: How long a page may lie open before its button is pressed.
GOOD_FOR: Final = timedelta(hours=24)
#: A page is not handed out again in its last hour: there must be time to read.
TIME_TO_READ: Final = timedelta(hours=1)


class Fault(TextChoices):
    """What is wrong with the number that came back with an answer."""

    UNKNOWN = "unknown"
    ANOTHERS = "anothers"
    USED = "used"
    EXPIRED = "expired"


class NotShown(Exception):
    """The answer does not belong to a page that this person was shown, or not any more; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class Showing:
    """A screen to be drawn, and the one-time number that its button carries."""

    screen: ConsentScreen
    nonce: str


def show(*, subject_id: UUID, shown: ShownConsent, actor: Actor, at: datetime) -> Showing:
    """Writes down that the person is shown this screen. Whoever reloads the page is shown the same one: as long as it
    is neither used nor about to expire, there is one row for a person, a text and a screen.

    Raises MayNotConsent: who may not give is not asked."""
    if not Subject.objects.filter(pk=subject_id, blocked_at=None, destroyed_at=None).exists():
        raise MayNotConsent(str(subject_id))
    screen = screen_of(shown)
    served = _still_good(subject_id, shown, screen, at) or _write_down(subject_id, shown, screen, actor, at)
    return Showing(screen=screen, nonce=tokens.nonce_of(served.pk))


def claim(*, subject: Subject, purpose: str, nonce: str, at: datetime) -> Served:
    """The showing that an answer belongs to. The caller holds the person's row. Raises NotShown, NotTheTextShown."""
    served = Served.objects.select_related("text").filter(nonce_digest=tokens.digest(nonce)).first()
    if served is None:
        raise NotShown(Fault.UNKNOWN)
    if served.subject_id != subject.pk or served.text.purpose != purpose:
        raise NotShown(Fault.ANOTHERS)
    if is_used(served):
        raise NotShown(Fault.USED)
    if not served.at <= at < served.expires_at:
        raise NotShown(Fault.EXPIRED)
    ensure_in_use(served.text, at)
    return served


def is_used(served: Served) -> bool:
    return LedgerEntry.objects.filter(served=served).exists() or Awaited.objects.filter(served=served).exists()


def _still_good(subject_id: UUID, shown: ShownConsent, screen: ConsentScreen, at: datetime) -> Served | None:
    return (
        Served.objects.filter(
            subject_id=subject_id,
            text=shown.row,
            screen_id=screen.sha256,
            at__lte=at,
            expires_at__gt=at + TIME_TO_READ,
            entry=None,
            awaited=None,
        )
        .order_by("-at")
        .first()
    )


def _write_down(subject_id: UUID, shown: ShownConsent, screen: ConsentScreen, actor: Actor, at: datetime) -> Served:
    with processing("rights", actor=actor) as act:
        lock_the_living(subject_id)
        if again := _still_good(subject_id, shown, screen, at):  # the same person, in two tabs at once
            return again
        Screen.objects.bulk_create(
            [Screen(sha256=screen.sha256, content=screen.canonical, first_shown_at=at)], ignore_conflicts=True
        )
        row_id = uuid4()
        served = Served.objects.create(
            id=row_id,
            nonce_digest=tokens.digest(tokens.nonce_of(row_id)),
            subject_id=subject_id,
            text=shown.row,
            language=shown.language,
            sha256=shown.sha256,
            screen_id=screen.sha256,
            at=at,
            expires_at=at + GOOD_FOR,
            act=act.declaration.context,
        )
        reason = f"{shown.row.purpose} {shown.row.version}"
        act.record(Fact.CONSENT_SHOWN.value, subject=subject_id, reason=reason)
    return served
