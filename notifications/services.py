"""Putting a mail into the outbox."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.template.loader import get_template

from notifications import kinds
from notifications.models import MailContent, OutgoingMail
from notifications.queue import hurry
from personal_data.scope import processing
from processing_log.actors import Actor

SENDER = Actor.system("notifications")


def send(
    *,
    subject_id: UUID,
    template: str,
    context: Mapping[str, object] | None = None,
    language: str,
    at: datetime,
    purpose: str = "rights",
    to_token: str = "",
    details: Mapping[str, str] | None = None,
    to_address: str = "",
) -> OutgoingMail:
    """One mail to one person, sent after the open transaction commits, to the address held then.

    `template` is a pair (and a subject line) under templates/mail/. `context` lies open in the outbox: ids, codes,
    numbers, links that anyone may know; keys ending in `_on` and `_at` reach the template as dates and datetimes.
    What must not lie open (one-time links) goes into `details`, which is sealed until the mail is sent. `purpose` is
    what the address is opened for: a mail for which there is no consent, or to a blocked person, does not leave.
    `to_token` names another of the person's addresses than the one they sign in with; `to_address` one that the portal
    is about to forget. A template of `kinds.advertise` goes for its own purpose only, and no other for such a purpose:
    raises kinds.WrongKind."""
    kinds.ensure_fits(template, purpose)
    _ensure_impersonal(context or {})
    get_template(f"mail/{template}.txt")
    mail = OutgoingMail.objects.create(
        subject_id=subject_id,
        template=template,
        context=dict(context or {}),
        language=language if language in ("ru", "en") else "ru",
        purpose=purpose,
        to_token=to_token,
        created_at=at,
        due_at=at,
    )
    if details or to_address:
        with processing(purpose, actor=SENDER):
            MailContent.objects.create(
                mail=mail, subject_id=subject_id, details=dict(details or {}) or None, address=to_address or None
            )
    hurry("notifications.tasks.send_mail", mail.id)
    return mail


def _ensure_impersonal(context: Mapping[str, object]) -> None:
    for key, value in context.items():
        if "@" in str(value):
            raise ValueError(f"{key!r} looks like a mail address: the context of a mail is not sealed")
