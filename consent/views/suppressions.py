"""Counts for auditors: how many addresses get no advertising, and why."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only
from consent import suppression
from consent.suppressed import Suppression
from consent.suppression_forms import scopes


@only(Role.AUDITOR)
@never_cache
@require_safe
def suppressions(request: SignedInRequest) -> HttpResponse:
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
