"""The one view of the looks: the reader chooses light or dark, without a script."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from access.origin import without_token
from access.rules import open_to_all
from looks.theme import AUTO, COOKIE, THEMES

ONE_YEAR = 365 * 24 * 60 * 60


@open_to_all
@without_token
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    response = redirect(_page_to_return_to(request))
    theme = request.POST.get("theme", AUTO)
    if theme == AUTO or theme not in THEMES:
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            COOKIE, theme, max_age=ONE_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
        )
    return response


def _page_to_return_to(request: HttpRequest) -> str:
    page = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return page
    return "/"
