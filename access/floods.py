"""How often one visitor may send a form that anybody may send. Rates stand in settings, ACCOUNT_RATE_LIMITS, by action.

Counted in the cache under the visitor's pseudonym of the day, never under an address."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


def limited(action: str) -> Callable[[View], View]:
    """Under the access rule of a view. Beyond the rate the visitor is told to wait; nothing of the form is touched."""

    def wrap(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if ratelimit.consume(request, action=action):
                return view(request, *args, **kwargs)
            return too_often(request)

        return wrapped

    return wrap


def too_often(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/too_often.html", {"status": 429}, status=HTTPStatus.TOO_MANY_REQUESTS)
