"""What the signer has signed, who has seen it, and the proof of one event."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from processing_log import proofs, publication, selectors, services
from processing_log.gate import AuditRequest, for_auditors
from processing_log.models import Checkpoint, Witness

SHOWN = 20


@for_auditors
@never_cache
@require_GET
def checkpoints(request: AuditRequest) -> HttpResponse:
    services.record_reading(actor=request.user.actor, what="checkpoints")
    context = {
        "checkpoints": list(Checkpoint.objects.order_by("-size")[:SHOWN]),
        "keys": publication.signing_keys(),
        "witnesses": list(Witness.objects.order_by("vkey")),
        "trouble": selectors.trouble_of_the_tree(),
    }
    return render(request, "processing_log/checkpoints.html", context)


@for_auditors
@never_cache
@require_GET
def proof(request: AuditRequest, number: int) -> HttpResponse:
    """A ZIP of this one event, with everything that is needed to verify it."""
    event = selectors.one_event(number, request.scope)
    if event is None:
        raise Http404
    services.record_reading(actor=request.user.actor, what=f"proof={number}")
    try:
        return proofs.of_event(event, within=request.scope)
    except proofs.NothingSigned as too_early:
        raise Http404 from too_early
