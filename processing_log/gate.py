"""The one door of the auditor's desk: no mandate in force, nothing to see. Every view of /audit/ stands behind it, and
works with the mandate that it found."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, Final, ParamSpec

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only
from law import clock
from processing_log import mandates
from processing_log.models import Mandate
from processing_log.scopes import Scope, TooMuch

P = ParamSpec("P")
MARK: Final = "is_behind_the_gate"


class AuditRequest(SignedInRequest):
    """For annotations: what the gate has found out."""

    mandate: Mandate
    scope: Scope


def for_auditors(view: Callable[Concatenate[AuditRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The mandate is asked for anew by each request, so that one that has ended ends open sessions too."""

    @wraps(view)
    def checked(request: AuditRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        at = clock.now()
        mandate = mandates.of_auditor(request.user.actor.id, at)
        if mandate is None:
            return _closed(request)
        request.mandate, request.scope = mandate, mandates.scope_of(mandate)
        try:
            response = view(request, *args, **kwargs)
        except TooMuch:
            response = render(request, "processing_log/too_much.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    setattr(checked, MARK, True)
    return only(Role.AUDITOR)(checked)


def outside(request: AuditRequest) -> HttpResponse:
    """The page is there, and the mandate does not reach it."""
    context = {"mandate": request.mandate, "scope": request.scope}
    return render(request, "processing_log/outside.html", context, status=HTTPStatus.FORBIDDEN)


def is_behind_the_gate(view: Any) -> bool:
    return bool(getattr(view, MARK, False))


def _closed(request: AuditRequest) -> HttpResponse:
    last = mandates.last_of(request.user.actor.id)
    return render(
        request, "processing_log/no_mandate.html", {"last": last, "at": clock.now()}, status=HTTPStatus.FORBIDDEN
    )
