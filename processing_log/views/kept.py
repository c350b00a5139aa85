"""The auditor's kept checkpoint beside the newest one."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from processing_log import kept as keeping
from processing_log import services
from processing_log.forms import KeptForm
from processing_log.gate import AuditRequest, for_auditors


@for_auditors
@never_cache
@require_http_methods(["GET", "POST"])
def kept(request: AuditRequest) -> HttpResponse:
    """What was pasted is compared and forgotten: it stands in no address and in no log."""
    if request.method != "POST":
        return render(request, "processing_log/kept.html", {"form": KeptForm()})
    form = KeptForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "processing_log/kept.html", {"form": form}, status=HTTPStatus.BAD_REQUEST)
    found = keeping.compare(form.text)
    size = found.kept.size if found.kept and found.signed_by else "?"
    services.record_reading(actor=request.user.actor, what=f"kept={size} verdict={found.verdict.value}")
    return render(request, "processing_log/kept.html", {"form": KeptForm(), "found": found})
