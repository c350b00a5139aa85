"""What the desk opens on: the requests whose day comes next, drawn by how much of their term has passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import template

from backups.selectors import standing
from law import clock
from law.calendar import ProductionCalendar
from processing_log.selectors import past_the_application
from subject_requests.models import Request
from subject_requests.selectors import DueState, due_state, workload

register = template.Library()

SHOWN: Final = 8


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """`passed` is the part of the term that is over, in per cent."""

    filed: Request
    due: DueState
    passed: int


@register.inclusion_tag("processing_log/alarm.html")
def log_alarm() -> dict[str, Any]:
    return {"past_the_application": past_the_application()}


@register.inclusion_tag("admin/backups/standing.html")
def backup_standing() -> dict[str, Any]:
    return {"standing": standing(clock.now())}


@register.inclusion_tag("admin/due_board.html")
def due_board() -> dict[str, Any]:
    at = clock.now()
    return {"rows": _next_due(at), "workload": workload(at=at)}


def _next_due(at: datetime) -> Sequence[BoardRow]:
    calendar = ProductionCalendar.current()
    return [
        BoardRow(filed=filed, due=due_state(filed, at=at, calendar=calendar), passed=_passed(filed, at))
        for filed in Request.objects.open().order_by("due_at", "number")[:SHOWN]
    ]


def _passed(filed: Request, at: datetime) -> int:
    term = (filed.due_at - filed.received_at).total_seconds()
    return min(max(round(100 * (at - filed.received_at).total_seconds() / term), 1), 100)
