"""Due dates for a calendar program (iCalendar, RFC 5545): numbers, rules and days, nothing about anybody. The address
is the key, so only its digest is kept."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import staff
from subject_requests.facts import Fact
from subject_requests.models import CalendarFeed, RequestClock

_LINE: Final = 73  # octets, without the space that continues a line


def make(*, user_id: UUID, actor: Actor, at: datetime) -> str:
    """The code of a new address."""
    code = secrets.token_urlsafe(32)
    with processing(staff.PURPOSE, actor=actor) as act:
        CalendarFeed.objects.update_or_create(user=user_id, defaults={"code_digest": digest(code), "made_at": at})
        act.record(Fact.CALENDAR_OPENED.value)
    return code


def owner_of(code: str) -> UUID | None:
    """Whose calendar it is; of nobody who has left the desk."""
    user_id = CalendarFeed.objects.filter(code_digest=digest(code)).values_list("user", flat=True).first()
    return user_id if user_id in {user.pk for user in staff.answering_users()} else None


def render(*, user_id: UUID, at: datetime) -> str:
    """What the user, and whoever they stand in for, has in hand."""
    holders = [user_id, *staff.stands_in_for(user_id, at=at)]
    clocks = RequestClock.objects.running().filter(request__taken_by__in=holders, request__closed_at=None)
    return "".join(f"{_folded(line)}\r\n" for line in _lines(clocks.select_related("request").order_by("due_at"), at))


def digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _lines(clocks: Iterable[RequestClock], at: datetime) -> Iterable[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Operator Portal//Desk//RU", "CALSCALE:GREGORIAN")
    yield f"X-WR-CALNAME:{_escaped(_('Terms of requests'))}"
    for clock in clocks:
        page = f"{settings.BASE_URL}/admin/subject_requests/request/{clock.request_id}/change/"
        title = _("%(number)s: %(rule)s, last day") % {"number": clock.request.number, "rule": clock.rule}
        yield from (
            "BEGIN:VEVENT",
            f"UID:clock-{clock.pk}@desk",
            f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{clock.due_on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{clock.due_on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title)}",
            f"URL:{page}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        )
    yield "END:VCALENDAR"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """No line is longer than 75 octets, and no letter is cut in two."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > _LINE:
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])
