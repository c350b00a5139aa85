"""Handing a mail over, once. "sending" is committed before the mail server is spoken to and "sent" after: a mail whose
worker died in between is flagged as perhaps sent and never sent again by itself."""

import logging
from datetime import datetime, timedelta
from email.headerregistry import Address
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import get_connection

import profiles
from notifications import addresses, kinds, optional
from notifications.letters import Letter
from notifications.models import MailContent, MailState, OutgoingMail
from notifications.rendering import render
from personal_data.errors import Blocked, Destroyed, NoConsent, PersonalDataError
from personal_data.scope import processing
from processing_log.actors import Actor

logger = logging.getLogger(__name__)

MAILER: Final = Actor.system("send_mail")
ATTEMPTS: Final = 10
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
DOUBT_AFTER: Final = timedelta(minutes=15)
#: the portal is right not to send these: nobody is to be woken
REFUSALS: Final = frozenset({"suppressed", NoConsent.code, Blocked.code, Destroyed.code})
PERMANENT: Final = 500  # SMTP: 5xx says that trying again is of no use


class Unsendable(Exception):
    """There is nobody to send to, or nothing that may be sent; the text is a code."""


class NotTaken(Exception):
    """The mail server did not take the mail. `final`: it will not take it later either."""

    def __init__(self, *, final: bool) -> None:
        super().__init__()
        self.final = final


def dispatch(mail_id: UUID, *, at: datetime) -> MailState | None:
    """Sends the mail if it is due and free; what became of it, or None when somebody else has it."""
    mail = OutgoingMail.objects.claim(mail_id, at=at)
    if mail is None:
        return None
    try:
        _hand_over(_compose(mail))
    except Unsendable as refusal:
        return _settle(mail, MailState.FAILED, failure=str(refusal))
    except NotTaken as refusal:
        if refusal.final or mail.attempts >= ATTEMPTS:
            return _settle(mail, MailState.FAILED, failure="not_taken")
        return _postpone(mail, at)
    except (SMTPException, OSError):
        return _settle(mail, MailState.AMBIGUOUS)
    return _settle(mail, MailState.SENT, sent_at=at)


def dispatch_due(*, at: datetime, limit: int = 1000) -> int:
    """What beat does each minute: whatever the broker did not bring to a worker."""
    due = list(OutgoingMail.objects.due(at).values_list("pk", flat=True)[:limit])
    return sum(dispatch(mail_id, at=at) is not None for mail_id in due)


def flag_mail_in_doubt(*, at: datetime) -> int:
    """Mails whose worker was killed while it spoke to the mail server."""
    lost = OutgoingMail.objects.left_in_doubt(at - DOUBT_AFTER)
    count = 0
    for mail in lost:
        count += 1
        _settle(mail, MailState.AMBIGUOUS)
    return count


# --- making the message -------------------------------------------------------------------------------------------


def _compose(mail: OutgoingMail) -> Letter:
    """Opened, decided and written in one transaction: what forbids the mail comes before it, or after it is written."""
    try:
        kinds.ensure_fits(mail.template, mail.purpose)
        with processing(mail.purpose, actor=MAILER):
            if optional.is_optional(mail) or not optional.purpose_of(mail).works_on_blocked:
                optional.hold_still(mail.subject_id)
            return _write(mail)
    except PersonalDataError as refusal:
        raise Unsendable(refusal.code) from None
    except kinds.WrongKind:
        raise Unsendable("wrong_kind") from None


def _write(mail: OutgoingMail) -> Letter:
    content = MailContent.objects.filter(mail=mail).first()
    details: dict[str, str] = (content.details if content else None) or {}
    address = (content.address if content else None) or addresses.address_of(mail.subject_id, mail.to_token)
    if not address:
        raise Unsendable("no_address")
    if "\r" in address or "\n" in address:
        raise Unsendable("broken_address")
    ways = _ways_out(mail, address) if optional.is_optional(mail) else None
    words = render(mail.template, {**mail.context, **details, **_foot(mail, ways)}, language=mail.language)
    message = Letter(
        subject=words.subject,
        body=words.text,
        from_email=_sender(mail.language),
        to=[address],
        headers={"Message-ID": message_id(mail.id), **_headers(mail, ways)},
    )
    message.attach_alternative(words.html, "text/html")
    return message


def _ways_out(mail: OutgoingMail, address: str) -> optional.Ways:
    """The one place where the list of suppressed addresses is asked before a mail."""
    doorkeeper = optional.doorkeeper()
    if doorkeeper is None:
        raise Unsendable("no_doorkeeper")
    if kinds.is_advertising(mail.template) and doorkeeper.is_suppressed(address=address, purpose=mail.purpose):
        raise Unsendable("suppressed")
    return doorkeeper.ways_out(subject_id=mail.subject_id, address=address, purpose=mail.purpose)


def _foot(mail: OutgoingMail, ways: optional.Ways | None) -> dict[str, str]:
    if ways is None:
        return {}
    title = optional.purpose_of(mail).title.in_language(mail.language)
    return {"withdraw_url": ways.withdraw_url, "agreed_to": title}


def _headers(mail: OutgoingMail, ways: optional.Ways | None) -> dict[str, str]:
    if ways and kinds.is_advertising(mail.template):
        return optional.list_headers(mail, ways)
    return {"Auto-Submitted": "auto-generated"}


def message_id(mail_id: UUID) -> str:
    """The same however often it is asked for: a receiving server can tell a second copy from a second mail."""
    return f"<{mail_id}@{urlsplit(settings.BASE_URL).hostname}>"


def _sender(language: str) -> str:
    name = profiles.current().operator.short_name.in_language(language)
    return str(Address(display_name=name, addr_spec=settings.DEFAULT_FROM_EMAIL))


# --- handing it over ----------------------------------------------------------------------------------------------


def _hand_over(message: Letter) -> None:
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError):
        raise NotTaken(final=False) from None
    try:
        connection.send_messages([message])
    except SMTPRecipientsRefused as refusal:
        codes = [code for code, _ in refusal.recipients.values()]
        raise NotTaken(final=min(codes, default=0) >= PERMANENT) from None
    except SMTPResponseException as refusal:
        raise NotTaken(final=refusal.smtp_code >= PERMANENT) from None
    finally:
        connection.close()


# --- saying what became of it -------------------------------------------------------------------------------------


def _settle(mail: OutgoingMail, state: MailState, *, failure: str = "", sent_at: datetime | None = None) -> MailState:
    with processing("rights", actor=MAILER):
        settled = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.SENDING).update(
            state=state, failure=failure, sent_at=sent_at
        )
        if settled:
            MailContent.objects.filter(mail_id=mail.pk).delete()
    if state in (MailState.FAILED, MailState.AMBIGUOUS):
        level = logging.INFO if failure in REFUSALS else logging.WARNING
        logger.log(level, "mail %s: %s %s", mail.pk, state.value, failure)
    return state


def _postpone(mail: OutgoingMail, at: datetime) -> MailState:
    pause = min(FIRST_PAUSE * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
    OutgoingMail.objects.filter(pk=mail.pk, state=MailState.SENDING).update(state=MailState.QUEUED, due_at=at + pause)
    return MailState.QUEUED
