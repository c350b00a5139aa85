"""Forms without a token: on a page that a cache keeps for everybody a token would be somebody else's. Where the form
stands the browser says itself."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponseBase]


def stands_on_our_page(request: HttpRequest) -> bool:
    """Browsers say where a form was sent from, and no page can make them say otherwise."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.get_host()


def without_token(view: View) -> View:
    """For what changes nothing but how a page looks: a form on somebody else's page is refused, and whoever is no
    browser and says nothing of a page may look as they like."""

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        says_where = {"Sec-Fetch-Site", "Origin", "Referer"} & set(request.headers)
        if request.method == "POST" and says_where and not stands_on_our_page(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped
