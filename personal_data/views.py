"""A view that shows personal data says its purpose above its name."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse

from access.requests import SignedInRequest
from personal_data.scope import processing

View = Callable[..., HttpResponse]


def declares(purpose: str, *, reason: str = "") -> Callable[[View], View]:
    """Runs the view inside `processing(purpose, actor=request.user.actor)`; a template is rendered inside it too."""

    def decorate(view: View) -> View:
        @wraps(view)
        def declared(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with processing(purpose, actor=request.user.actor, reason=reason):
                response = view(request, *args, **kwargs)
                if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                    response.render()
                return response

        return declared

    return decorate
