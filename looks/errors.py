"""What people meet when something is not possible. Under /api/ it is a problem document (RFC 9457) instead of a page.

Named in urls.py (handler400 … handler500, and allauth's handler429) and in settings (CSRF_FAILURE_VIEW,
AXES_LOCKOUT_CALLABLE).
"""

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN, template="403_csrf.html")


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, HTTPStatus.NOT_FOUND)


def locked(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The data asked for is blocked: it is stored and nothing else."""
    return _answer(request, HTTPStatus.LOCKED)


def conflict(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Something else happened to the same data in this moment: nothing was done, and may be asked for again."""
    return _answer(request, HTTPStatus.CONFLICT)


def too_many_requests(request: HttpRequest, *_details: object) -> HttpResponse:
    """Also what axes shows after too many failed sign-ins; its details (whose, how many) are not told."""
    return _answer(request, HTTPStatus.TOO_MANY_REQUESTS)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs neither database nor context: whatever failed may be what a page is built from."""
    if _is_api(request):
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR)
    page: str
    try:
        page = render_to_string("500.html")
    except Exception:
        logger.exception("The page for errors could not be rendered")
        page = "<!doctype html><title>500</title><p>Произошла ошибка. Something went wrong.</p>"
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _answer(request: HttpRequest, status: HTTPStatus, *, template: str = "") -> HttpResponse:
    if _is_api(request):
        return _problem(status)
    return render(request, template or f"{status}.html", {"status": status.value}, status=status)


def _problem(status: HTTPStatus) -> HttpResponse:
    problem = {"type": "about:blank", "status": status.value, "title": status.phrase}
    return JsonResponse(problem, status=status, content_type="application/problem+json")


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
