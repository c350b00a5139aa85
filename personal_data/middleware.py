"""A blocked or destroyed subject's data answers 423 on every path, whichever view ran into it; what lost against a new
key of the subject in the same moment, 409."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from looks import errors
from personal_data.errors import Blocked, Destroyed, HeldElsewhere, KeyChanged


class LockedMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Blocked | Destroyed):
            return errors.locked(request, exception)
        if isinstance(exception, HeldElsewhere | KeyChanged):
            return errors.conflict(request, exception)
        return None
