from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only
from billing.selectors import my_subscription
from law import clock


@only(Role.USER)
@require_safe
def subscription(request: SignedInRequest) -> HttpResponse:
    mine = my_subscription(request.user.subject_id, clock.now())
    return render(request, "billing/mine.html", {"subscription": mine})
