"""Who may open a page of the desk, and who may act there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from access.requests import SignedInRequest
from access.roles import DESK_ROLES
from subject_requests.models import Request
from subject_requests.staff import ANSWERING

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponse]
QUEUE: Final = "admin:subject_requests_request_changelist"
ONE: Final = "admin:subject_requests_request_change"


def may_look(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in DESK_ROLES


def may_answer(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in ANSWERING


def for_looking(view: View[P]) -> View[P]:
    @wraps(view)
    def checked(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_look(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def for_answering(view: View[P]) -> View[P]:
    @wraps(view)
    def checked(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_answer(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def found(request_id: UUID) -> Request:
    return get_object_or_404(Request.objects.select_related("subject"), pk=request_id)


def frame(request: HttpRequest, title: str) -> dict[str, Any]:
    """What each page of the admin wants to know."""
    return {**admin.site.each_context(request), "title": title, "opts": Request._meta}
