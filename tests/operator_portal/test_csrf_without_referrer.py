"""Django asks a form that comes over HTTPS without an Origin header for a referrer: what we leave of it is enough."""

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.test import RequestFactory
from pytest_django import Settings

from tests.operator_portal.test_client_address import seen_behind

HOST = "portal.example.org"


def fine(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize(
    ("referrer", "refused"),
    [(f"https://{HOST}/me/profile/?a=b", False), ("https://evil.example.com/", True), ("", True)],
)
def test_a_form_of_ours_is_taken_and_a_foreign_one_refused(referrer: str, refused: bool, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [HOST]
    page = RequestFactory().get("/", secure=True)
    form = {"csrfmiddlewaretoken": get_token(page)}
    sent = RequestFactory(SERVER_NAME=HOST, HTTP_HOST=HOST, HTTP_REFERER=referrer).post("/", form, secure=True)
    posted = WSGIRequest(seen_behind(sent.environ))
    posted.COOKIES[settings.CSRF_COOKIE_NAME] = page.META["CSRF_COOKIE"]

    answer = CsrfViewMiddleware(fine).process_view(posted, fine, (), {})

    assert (answer is not None) == refused
