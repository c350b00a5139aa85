"""Suppressed addresses, and mails whose readers may end them."""

from datetime import UTC, datetime
from uuid import UUID

from consent.links import WayOut
from consent.suppressed import ALL_ADVERTISING, Suppression
from consent.suppression import digest_of, suppress
from notifications.models import OutgoingMail
from processing_log.actors import Actor, ActorKind
from tests.factories.notifications import make_mail

CLERK = Actor(kind=ActorKind.STAFF, id="11111111-1111-4111-8111-111111111111")
SUPPRESSED_AT = datetime(2026, 2, 20, 9, 0, tzinfo=UTC)


def make_suppression(
    *,
    address: str = "anna@example.org",
    scope: str = ALL_ADVERTISING,
    reason: Suppression.Reason = Suppression.Reason.OBJECTION,
    at: datetime = SUPPRESSED_AT,
) -> bool:
    return suppress(
        digest_of(address), scope=scope, reason=reason, channel=Suppression.Channel.DESK, actor=CLERK, at=at
    )


def make_news(*, subject_id: UUID, language: str = "en") -> OutgoingMail:
    """An advertising mail in the outbox."""
    return make_mail(subject_id=subject_id, template="portal_news", context={}, purpose="ads", language=language)


def way_out(*, subject_id: UUID, address: str = "anna@example.org", purpose: str = "ads") -> WayOut:
    return WayOut(subject_id=subject_id, digest=digest_of(address), purpose=purpose)
