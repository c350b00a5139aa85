"""What the signer has signed, who has seen it, and the proof of one event."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only
from processing_log import proofs, publication, selectors, services
from processing_log.models import Checkpoint, Event, Witness

SHOWN = 20


@only(Role.AUDITOR)
@never_cache
@require_GET
def checkpoints(request: SignedInRequest) -> HttpResponse:
    services.record_reading(actor=request.user.actor, what="checkpoints")
    context = {
        "checkpoints": list(Checkpoint.objects.order_by("-size")[:SHOWN]),
        "keys": publication.signing_keys(),
        "witnesses": list(Witness.objects.order_by("vkey")),
        "trouble": selectors.trouble_of_the_tree(),
    }
    return render(request, "processing_log/checkpoints.html", context)


@only(Role.AUDITOR)
@never_cache
@require_GET
def proof(request: SignedInRequest, number: int) -> HttpResponse:
    """A ZIP of this one event, with everything that is needed to verify it."""
    event = get_object_or_404(Event, pk=number)
    services.record_reading(actor=request.user.actor, what=f"proof={number}")
    try:
        return proofs.of_event(event)
    except proofs.NothingSigned as too_early:
        raise Http404 from too_early
