"""The question over HTTP, through DRF: everything that is to be said about it is said here.

`hot.py` answers the commonest form of it ahead of Django, in the same bytes, and leaves all others to this page.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from law import clock
from profiles import current
from systems import answers, asked, keys, question
from systems.asked import Asked, Unreadable
from systems.meter import meter
from systems.question import Caller

CHALLENGE: Final = 'Bearer realm="operator portal"'


class ProblemRenderer(JSONRenderer):
    """RFC 9457."""

    media_type = "application/problem+json"
    charset = None


class Refusal(exceptions.APIException):
    """A problem with a code of its own."""

    def __init__(self, status: HTTPStatus, code: str, detail: Any, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.problem = code
        self.errors = errors


class KeyAuthentication(BaseAuthentication):
    """One answer for no key, a wrong one, an expired and a revoked one."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Caller]:
        digest = keys.digest_in(request.headers.get("Authorization", ""))
        caller = question.caller_of(digest, clock.now()) if digest else None
        if caller is None:
            raise exceptions.AuthenticationFailed(_("A valid key is needed: Authorization: Bearer opk_…"), "no_key")
        return AnonymousUser(), caller

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class HasKey(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Caller)


class ByKey(APIView):
    """What other systems may open. Every problem is a problem document in the caller's language."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (HasKey,)
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return problem

    def finalize_response(self, request: Any, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        finished: Any = super().finalize_response(request, cast(Response, response), *args, **kwargs)
        finished.headers["Cache-Control"] = "no-store"
        return finished


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    if not isinstance(error, exceptions.APIException):
        return None
    status = HTTPStatus(error.status_code)
    code = error.problem if isinstance(error, Refusal) else str(getattr(error.detail, "code", error.default_code))
    document: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value, "code": code}
    document["detail"] = str(error.detail)
    if isinstance(error, Refusal) and error.errors:
        document["errors"] = error.errors
    headers = {"WWW-Authenticate": CHALLENGE} if status == HTTPStatus.UNAUTHORIZED else {}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(60 - clock.now().second)
    context["request"].accepted_renderer = ProblemRenderer()
    context["request"].accepted_media_type = ProblemRenderer.media_type
    return Response(document, status=status, headers=headers, content_type=ProblemRenderer.media_type)


class May(ByKey):
    """POST {"purpose": …, "subject": …} or {"purpose": …, "subjects": […]}. A reference of a person never stands in an
    address: addresses are written into logs on the way."""

    def post(self, request: Request) -> HttpResponse:
        caller = request.auth
        if not isinstance(caller, Caller):
            raise ImproperlyConfigured("the question was let in without a key")
        wanted = _read(request)
        _admit(caller, len(wanted.subjects))
        if wanted.purpose not in caller.purposes:
            raise _not_yours(caller)
        return HttpResponse(answers.written(_answer(wanted)), content_type="application/json")


def _read(request: Request) -> Asked:
    try:
        return asked.read(request.data)
    except Unreadable as error:
        errors = [{"pointer": pointer, "detail": str(words)} for pointer, words in error.faults]
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "no_question", _("This is not a question that can be answered."), errors
        ) from None


def _admit(caller: Caller, questions: int) -> None:
    if not meter.admit(caller.key_id, caller.per_minute, questions, clock.now()):
        raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too_many", _("The limit of this key is used up for this minute."))


def _not_yours(caller: Caller) -> Refusal:
    words = _("This key may ask only about: %(purposes)s.") % {"purposes": ", ".join(caller.purposes)}
    return Refusal(HTTPStatus.FORBIDDEN, "not_your_purpose", words)


def _answer(wanted: Asked) -> dict[str, Any]:
    purpose = current().purposes.get(wanted.purpose)
    if purpose is None:
        raise Refusal(HTTPStatus.NOT_FOUND, "unknown_purpose", _("The operator has this purpose no more."))
    at = clock.now()
    found = question.standings(wanted.subjects)
    verdicts = {each: question.judge(purpose, each, found.get(each)) for each in wanted.subjects}
    words = answers.words_for(purpose, get_language() or "ru")
    if not wanted.is_one:
        return answers.many(words, verdicts, at)
    ((subject, verdict),) = verdicts.items()
    if subject not in found:
        raise Refusal(HTTPStatus.NOT_FOUND, question.UNKNOWN, words.of(verdict)["text"])
    return answers.one(words, verdict, subject, at)
