"""Which requests a browser without an account has opened, for an hour. In the session, which is sealed."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest

from processing_log.actors import Actor, ActorKind
from subject_requests.intake import guests
from subject_requests.models import Request

OPENED_FOR: Final = timedelta(hours=1)
_OPENED: Final = "guest requests opened"
_FILED: Final = "guest requests filed"
_MOST: Final = 10


def note_filed(request: HttpRequest, filed: Request) -> None:
    """For the words of thanks; it opens nothing."""
    rows: dict[str, Any] = dict(list(request.session.get(_FILED, {}).items())[-_MOST:])
    request.session[_FILED] = {**rows, filed.number: {"due_on": filed.due_on.isoformat()}}


def just_filed(request: HttpRequest, number: str) -> Request | None:
    """Filed from this browser: number and date may be shown again."""
    return guests.of_number(number) if number in request.session.get(_FILED, {}) else None


def let_in(request: HttpRequest, filed: Request, at: datetime) -> None:
    request.session.cycle_key()  # whoever knew the browser's session before does not come in with it
    rows: dict[str, str] = dict(list(request.session.get(_OPENED, {}).items())[-_MOST:])
    request.session[_OPENED] = {**rows, filed.number: (at + OPENED_FOR).isoformat()}


def let_out(request: HttpRequest, number: str) -> None:
    for name in (_OPENED, _FILED):
        request.session[name] = {key: row for key, row in request.session.get(name, {}).items() if key != number}


def opened(request: HttpRequest, number: str, at: datetime) -> Request | None:
    until = request.session.get(_OPENED, {}).get(number)
    if until is None or datetime.fromisoformat(until) < at:
        return None
    return guests.of_number(number)


def actor_of(filed: Request) -> Actor:
    """Whoever reads what they wrote themselves; such reading is no event."""
    return Actor(kind=ActorKind.STRANGER, id=str(filed.subject_id), subject_id=filed.subject_id)
