"""The receipt: a page for whoever has its code, no account needed. And the acts, for auditors."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only, open_to_all
from processing_log import proofs
from retention import desk, selectors
from retention.acts import FORMS
from retention.models import Run


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


@only(Role.AUDITOR)
@require_safe
@never_cache
def acts(request: HttpRequest) -> HttpResponse:
    """Every run that destroyed somebody, the last one first."""
    page = Paginator(Run.objects.filter(destroyed__gt=0).order_by("-pk"), 50).get_page(request.GET.get("page"))
    return TemplateResponse(request, "retention/acts.html", {"page": page, "forms": FORMS})


@only(Role.AUDITOR)
@never_cache
@require_safe
def act(request: SignedInRequest, run_id: int, form: str) -> HttpResponse:
    return desk.act(request, run_id, form)


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
