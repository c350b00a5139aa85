"""Asks each request for the rule of its view: strangers sign in, wrong roles are refused, desks want two factors."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from access.roles import DESK_ROLES, ROLES_WITH_SECOND_FACTOR, Role
from access.rules import AccessRule, rule_of

DESK = AccessRule(roles=DESK_ROLES)


class AccessMiddleware:
    """Runs after the session and the user are known. What only somebody may see is kept by no cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "is_for_somebody", False):
            add_never_cache_headers(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        rule = self.rule(request, view)
        if rule.roles is None:
            return None
        request.is_for_somebody = True  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return _ask_to_sign_in(request)
        role = Role(request.user.role)
        if role not in rule.roles:
            raise PermissionDenied
        if role in ROLES_WITH_SECOND_FACTOR and not has_second_factor(request):
            return redirect("mfa_index") if not _is_api(request) else _refused(request, 403)
        return None

    def rule(self, request: HttpRequest, view: Any) -> AccessRule:
        match = request.resolver_match
        if match is not None and "admin" in match.app_names:
            return DESK
        rule = rule_of(view)
        if rule is None:
            raise ImproperlyConfigured(f"{view.__module__}.{getattr(view, '__qualname__', view)} has no access rule")
        return rule


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened with a second factor, or has set one up since."""
    methods = request.session.get("account_authentication_methods", [])
    return any(record.get("method") == "mfa" for record in methods)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if _is_api(request):
        return _refused(request, 401)
    return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


def _refused(request: HttpRequest, status: int) -> HttpResponseBase:
    problem = {"type": "about:blank", "status": status}
    return JsonResponse(problem, status=status, content_type="application/problem+json")
