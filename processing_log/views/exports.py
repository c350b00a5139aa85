"""Files that the worker makes: how far they are, and taking them away."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from processing_log import orders, services
from processing_log.export import CONTENT_TYPES, Format
from processing_log.gate import AuditRequest, for_auditors
from processing_log.models import UNDER_WAY, ExportState, LogExport


@for_auditors
@never_cache
@require_GET
def order(request: AuditRequest, export_id: UUID) -> HttpResponse:
    found = _own(request, export_id)
    context = {
        "order": found,
        "form": Format(found.form).label,
        "state": ExportState(found.state).label,
        "is_under_way": found.state in UNDER_WAY,
        "is_ready": found.state == ExportState.READY,
        "done": orders.done_of(found),
    }
    return render(request, "processing_log/order.html", context)


@for_auditors
@require_POST
def cancel(request: AuditRequest, export_id: UUID) -> HttpResponse:
    orders.cancel(_own(request, export_id))
    return redirect("audit:order", export_id)


@for_auditors
@never_cache
@require_GET
def file(request: AuditRequest, export_id: UUID) -> HttpResponseBase:
    found = _own(request, export_id)
    if found.state != ExportState.READY:
        raise Http404
    services.record_reading(actor=request.user.actor, what=f"file={found.pk}")
    kind = Format(found.form)
    name = f"processing-log.{kind.value}"
    return FileResponse(
        orders.file_of(found).open("rb"), as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind]
    )


def _own(request: AuditRequest, export_id: UUID) -> LogExport:
    found = orders.orders_of(request.user.actor, request.mandate.pk).filter(pk=export_id).first()
    if found is None:
        raise Http404
    return found
