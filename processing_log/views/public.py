"""`/log/`: what anybody may take who wants to watch that the log only grows (C2SP tlog-checkpoint, tlog-tiles)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from access.rules import open_to_all
from processing_log import publication, services, witnesses
from processing_log.gate import AuditRequest, for_auditors, outside
from processing_log.publication import TilePath

TEXT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"


@open_to_all
@require_safe
@never_cache
def checkpoint(request: HttpRequest) -> HttpResponse:
    newest = publication.newest_checkpoint()
    if newest is None:
        raise Http404
    return HttpResponse(str(witnesses.with_cosignatures(newest)), content_type=TEXT)


@open_to_all
@require_safe
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """All that have signed, the oldest first, one a line."""
    return HttpResponse("".join(f"{vkey}\n" for vkey in publication.signing_keys()), content_type=TEXT)


@open_to_all
@require_safe
def consistency(request: HttpRequest, old: int, new: int) -> HttpResponse:
    """Between any two checkpoints, whatever was signed since."""
    found = publication.growth(old, new)
    if found is None:
        raise Http404
    return HttpResponse(found, content_type=TEXT, headers={"Cache-Control": FOR_EVER})


@open_to_all
@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    asked = TilePath.parse(path)
    hashes = publication.tile(asked) if asked and asked.level is not None else None
    return _bytes(hashes, FOR_EVER)


@for_auditors
@require_safe
def entries(request: AuditRequest, path: str) -> HttpResponse:
    """The events themselves are for the auditor, and that they were read is one of them. A bundle is whole or nothing:
    where the mandate leaves out one of its entries, there is none."""
    if request.scope.is_narrow:
        return outside(request)
    asked = TilePath.parse(f"entries/{path}")
    found = publication.bundle(asked, request.scope) if asked else None
    if asked and found:
        services.record_reading(actor=request.user.actor, what=f"entries={asked.place}")
    return _bytes(found, "private, no-store")


def _bytes(content: bytes | None, caching: str) -> HttpResponse:
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="application/octet-stream", headers={"Cache-Control": caching})
