"""Counts for auditors: how many addresses get no advertising, and why."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consent import suppression
from consent.suppressed import Suppression
from consent.suppression_forms import scopes
from processing_log import services
from processing_log.gate import AuditRequest, for_auditors, outside


@for_auditors
@never_cache
@require_safe
def suppressions(request: AuditRequest) -> HttpResponse:
    """Counts of all there are: for a mandate that has no limits of purpose, operation or category."""
    if request.scope.is_narrow:
        return outside(request)
    services.record_reading(actor=request.user.actor, what="suppressions")
    words = dict(scopes())
    lines = [
        {
            "what": Suppression.Kind(tally.kind).label,
            "scope": words.get(tally.scope, tally.scope),
            "reason": Suppression.Reason(tally.reason).label,
            "channel": Suppression.Channel(tally.channel).label,
            "number": tally.number,
            "newest_on": tally.newest_on,
        }
        for tally in suppression.tallies()
    ]
    context = {"lines": lines, "total": sum(line["number"] for line in lines), "declared": suppression.declared()}
    return render(request, "consent/suppressions.html", context)
