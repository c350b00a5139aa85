"""Mail that nobody has to accept: what rests on a consent, advertising above all. What the room of consents knows about
it (the suppressed addresses, the links by which a reader ends it) it registers here; this room stands below it."""

from dataclasses import dataclass
from email.header import Header
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection

import profiles
from notifications import kinds
from notifications.models import OutgoingMail
from personal_data.models import Subject
from profiles.schema import Purpose


@dataclass(frozen=True, kw_only=True)
class Ways:
    """One reader's links out of the mail for one purpose: a page at the foot, and the one-click address of RFC 8058."""

    withdraw_url: str
    unsubscribe_url: str


class Doorkeeper(Protocol):
    """Asked inside of the transaction in which the mail is made."""

    def is_suppressed(self, *, address: str, purpose: str) -> bool: ...

    def ways_out(self, *, subject_id: UUID, address: str, purpose: str) -> Ways: ...


_doorkeepers: list[Doorkeeper] = []


def register(doorkeeper: Doorkeeper) -> None:
    _doorkeepers[:] = [doorkeeper]


def doorkeeper() -> Doorkeeper | None:
    """None where no room of consents is there: then no such mail leaves."""
    return _doorkeepers[0] if _doorkeepers else None


def is_optional(mail: OutgoingMail) -> bool:
    return kinds.is_advertising(mail.template) or purpose_of(mail).needs_consent


def purpose_of(mail: OutgoingMail) -> Purpose:
    return profiles.current().purpose(mail.purpose)


def hold_still(subject_id: UUID) -> None:
    """Until the transaction ends nobody withdraws this person's consent or blocks them: who does so waits, and what is
    made afterwards knows of it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {Subject._meta.db_table} WHERE id = %s FOR SHARE", [subject_id])


def list_headers(mail: OutgoingMail, ways: Ways) -> dict[str, str]:
    """RFC 8058 and RFC 2919. The signature of the mail server (DKIM) must cover the first two."""
    return {
        "List-Unsubscribe": f"<{ways.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-ID": f"{_phrase(purpose_of(mail).title.in_language(mail.language))} <{mail.purpose}.{_namespace()}>",
    }


def _phrase(title: str) -> str:
    """As encoded words on one line; the mail library folds it."""
    return f'"{title}"' if title.isascii() else Header(title, "utf-8", header_name="List-ID").encode(linesep="")


def _namespace() -> str:
    """The name of a list ends in a domain; a portal without one is on somebody's own machine."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    try:
        ip_address(host)
    except ValueError:
        return host
    return "localhost"
