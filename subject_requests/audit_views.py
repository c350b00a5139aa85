"""Requests for auditors, by number: codes and dates, no words of anybody."""

from typing import Final

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from law import clock
from processing_log import services
from processing_log.gate import AuditRequest, for_auditors
from processing_log.scopes import Scope
from subject_requests.kinds import Channel, Identity, RequestKind, State
from subject_requests.models import Request
from subject_requests.norms import NORMS

SHOWN: Final = 50
PURPOSE: Final = "rights"


@for_auditors
@never_cache
@require_GET
def requests(request: AuditRequest) -> HttpResponse:
    """The newest first; a number typed leads to its page."""
    number = request.GET.get("number", "").strip()
    found = _within(request.scope).filter(number=number).first() if number else None
    if found:
        return redirect("audit_requests:one", found.number)
    services.record_reading(actor=request.user.actor, what="requests")
    page = Paginator(_within(request.scope).order_by("-received_at", "-number"), SHOWN).get_page(
        request.GET.get("page")
    )
    rows = [(each, _kinds(each), State(each.state).label) for each in page]
    context = {"page": page, "rows": rows, "typed": number[:40]}
    return render(request, "subject_requests/audit_list.html", context, status=404 if number else 200)


@for_auditors
@never_cache
@require_GET
def one(request: AuditRequest, number: str) -> HttpResponse:
    found = _within(request.scope).filter(number=number).first()
    if found is None:
        raise Http404
    services.record_reading(actor=request.user.actor, what=f"request={found.number}")
    at = clock.now()
    norm = NORMS.get(found.refusal_norm) if found.refusal_norm else None
    context = {
        "asked": found,
        "kinds": _kinds(found),
        "channel": Channel(found.channel).label,
        "identity": Identity(found.identity).label,
        "state": State(found.state).label,
        "norm": norm,
        "clocks": [(each, each.is_late(at)) for each in found.clocks.order_by("due_at", "pk")],
        "steps": [(step, State(step.state_after).label) for step in found.steps.order_by("pk")],
    }
    return render(request, "subject_requests/audit_one.html", context)


def _kinds(found: Request) -> str:
    return ", ".join(str(RequestKind(kind).label) for kind in found.kinds)


def _within(scope: Scope) -> "QuerySet[Request]":
    """Requests received in the mandate's period. They are worked on for one purpose; of operations and categories a
    request has many."""
    if scope.categories or not scope.covers(purpose=PURPOSE):
        return Request.objects.none()
    rows = Request.objects.filter(received_at__gte=scope.since)
    return rows.filter(received_at__lt=scope.until) if scope.until else rows
