"""The outer gate: what the browser is told to let in depends on the choice, also when the page comes from a cache."""

from typing import Final

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers

from cookies.registry import registry
from cookies.removal import remove_strays
from cookies.state import state_of

#: The only pages on which others may count: published ones, whose address and title tell of nobody. A page that shows
#: somebody's data, or whose address is a key, is not here, whatever was chosen.
COUNTED: Final = frozenset(
    {
        "home",
        "privacy:policy",
        "privacy:version",
        "privacy:history",
        "privacy:cookies",
        "privacy:consent_text",
        "privacy:consent_text_version",
        "governance:data_map",
        "governance:recipients",
        "governance:protection",
    }
)


class CookieGateMiddleware(CSPMiddleware):
    """Instead of django-csp's own, and outside of whatever keeps whole pages: a page is kept without this header, and
    gets it anew for each visitor. A cache further out is told that the answer differs."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        accepted = state_of(request).accepted
        if accepted and not report_only and is_counted(request):
            parts.update = {**(parts.update or {}), **registry().sources_of(accepted)}
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response = super().process_response(request, response)
        if registry().optional:
            patch_vary_headers(response, ("Cookie", "Sec-GPC"))
            remove_strays(request, response, registry(), state_of(request).accepted)
        return response


def is_counted(request: HttpRequest) -> bool:
    """By the address: a page that came from a cache has not been resolved."""
    match = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return False
    return match.view_name in COUNTED
