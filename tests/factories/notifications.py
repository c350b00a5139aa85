"""Mails in the outbox."""

from datetime import UTC, datetime
from uuid import UUID

from notifications.models import OutgoingMail
from notifications.services import send
from tests.factories.personal_data import make_subject

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make_mail(
    *,
    subject_id: UUID | None = None,
    template: str = "security_notice",
    context: dict[str, object] | None = None,
    language: str = "en",
    purpose: str = "rights",
    to_token: str = "",
    details: dict[str, str] | None = None,
    to_address: str = "",
    at: datetime = AT,
) -> OutgoingMail:
    return send(
        subject_id=subject_id or make_subject().pk,
        template=template,
        context=context if context is not None else {"what": "password_changed", "happened_at": at},
        language=language,
        purpose=purpose,
        to_token=to_token,
        details=details,
        to_address=to_address,
        at=at,
    )
