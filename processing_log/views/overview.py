"""The log in charts, and reads that deserve a second look."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from processing_log import overview as charts
from processing_log import services, unusual
from processing_log.filters import beginning_of, end_of
from processing_log.forms import PeriodForm
from processing_log.gate import AuditRequest, for_auditors
from processing_log.lines import line_of


@for_auditors
@never_cache
@require_GET
def overview(request: AuditRequest) -> HttpResponse:
    form = PeriodForm(request.GET)
    if not form.is_valid():
        return render(request, "processing_log/overview.html", {"form": form}, status=400)
    first, last = form.period
    found = unusual.unusual_reads(request.scope, since=beginning_of(first), until=end_of(last))
    what = f"overview since={first.isoformat()} until={last.isoformat()}"
    services.record_reading(actor=request.user.actor, what=what)
    context = {
        "form": form,
        "period": (first, last),
        "overview": charts.overview(request.scope, first=first, last=last),
        "found": found,
        "reads": [(line_of(read.event), [sign.label for sign in read.signs]) for read in found.reads],
        "signs": [(str(sign.label), number) for sign, number in found.counts],
        "rules": {"opens": unusual.OPENS, "closes": unusual.CLOSES, "many": unusual.MANY},
    }
    return render(request, "processing_log/overview.html", context)
