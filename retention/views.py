"""The receipt: a page for whoever has its code, no account needed. And the acts, for auditors."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from access.rules import open_to_all
from processing_log import proofs, services
from processing_log.gate import AuditRequest, for_auditors
from processing_log.operations import Operation
from processing_log.scopes import Scope
from retention import desk, selectors
from retention.acts import FORMS
from retention.models import Run

RETENTION = "retention"


@open_to_all
@require_safe
@never_cache
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    found = selectors.receipt(code)
    due = None if found else selectors.term_of_receipt(code)
    if found is None and due is None:
        raise Http404
    context = {"receipt": found, "due": due, "code": code}
    headers = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return TemplateResponse(request, "retention/receipt.html", context, headers=headers)


@for_auditors
@require_safe
@never_cache
def acts(request: AuditRequest) -> HttpResponse:
    """Every run that destroyed somebody, the last one first."""
    services.record_reading(actor=request.user.actor, what="acts")
    page = Paginator(_within(request.scope).order_by("-pk"), 50).get_page(request.GET.get("page"))
    return TemplateResponse(request, "retention/acts.html", {"page": page, "forms": FORMS})


@for_auditors
@never_cache
@require_safe
def act(request: AuditRequest, run_id: int, form: str) -> HttpResponse:
    """The extract of the log in it goes no further than the mandate: an act is of one run, and whole or nothing."""
    get_object_or_404(_within(request.scope), pk=run_id)
    return desk.act(request, run_id, form)


def _within(scope: Scope) -> QuerySet[Run]:
    """Runs that destroyed somebody in the mandate's period; none, if it leaves out destruction or its purpose."""
    if scope.categories or not scope.covers(purpose=RETENTION, operation=Operation.DESTROY.value):
        return Run.objects.none()
    runs = Run.objects.filter(destroyed__gt=0, started_at__gte=scope.since)
    return runs.filter(started_at__lt=scope.until) if scope.until else runs


@open_to_all
@require_safe
@never_cache
def proof(request: HttpRequest, code: str) -> HttpResponse:
    """The destruction's entries in the log, with what proves them."""
    wanted = selectors.what_proves(code)
    if wanted is None:
        raise Http404
    try:
        return proofs.of_filter(wanted, name="destruction.zip")
    except proofs.NothingSigned as too_early:
        raise Http404 from too_early
