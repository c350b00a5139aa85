"""What a page of a request says of its made answers, so that the page itself need not know of them."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context

from subject_requests.answers import selectors
from subject_requests.models import Request

register = template.Library()


@register.inclusion_tag("subject_requests/answers/given.html", takes_context=True)
def given_answer(context: Context, filed: Request) -> dict[str, Any]:
    """For the person: the answer that was given, as long as its archive is there."""
    return {"filed": filed, "given": selectors.given(filed), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("admin/subject_requests/answers/on_request.html", takes_context=True)
def made_answers(context: Context, filed: Request) -> dict[str, Any]:
    """For staff: what was made, and the button that makes it."""
    request: HttpRequest = context["request"]
    made = selectors.made(filed, request.user)
    return {"filed": filed, "made": made, "csrf_token": context.get("csrf_token")}
