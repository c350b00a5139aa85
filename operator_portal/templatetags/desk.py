"""What the desk opens on: the board of requests by how near their day is, and what the log found suspicious."""

from typing import Any

from django import template
from django.template import RequestContext

from backups.selectors import standing
from law import clock
from processing_log.selectors import past_the_application
from retention import changing, guard
from retention import monitor as destruction_monitor
from retention.models import Hold, PartOrder
from subject_requests import monitor
from subject_requests.board import board

register = template.Library()


@register.inclusion_tag("processing_log/alarm.html")
def log_alarm() -> dict[str, Any]:
    return {"past_the_application": past_the_application()}


@register.inclusion_tag("admin/backups/standing.html")
def backup_standing() -> dict[str, Any]:
    return {"standing": standing(clock.now())}


@register.inclusion_tag("admin/due_board.html", takes_context=True)
def due_board(context: RequestContext) -> dict[str, Any]:
    """What is late is counted a second time by the monitor, which shares no code with the board."""
    at = clock.now()
    user = context["request"].user
    return {"board": board(at=at, user_id=user.pk), "late": monitor.overdue(at), "user": user}


@register.inclusion_tag("admin/destruction_board.html")
def destruction_board() -> dict[str, Any]:
    at = clock.now()
    return {
        "figures": destruction_monitor.figures(at),
        "waiting": guard.waiting(at),
        "rules_wait": changing.is_waiting(),
        "parts_wait": PartOrder.objects.filter(done_at=None).count(),
        "unconfirmed": Hold.objects.in_force(at).filter(confirmed_at=None).count(),
    }
