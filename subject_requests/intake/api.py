"""Requests over HTTP, for the person's own programs (by their session) and for other systems of the operator that take
requests in (by a key that is for the purpose of answering requests)."""

from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request as Asked
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from access.roles import Role
from accounts.models import User
from accounts.wording import reader_language
from law import clock
from personal_data.scope import processing
from subject_requests import services
from subject_requests.intake import attaching, systems
from subject_requests.intake.attaching import Checked
from subject_requests.intake.fields import offered_in
from subject_requests.intake.models import Attachment
from subject_requests.intake.serializers import (
    FileFromSystem,
    FileSerializer,
    Listed,
    MessageSerializer,
    MoreSerializer,
    Problem,
    Shown,
    Taken,
    faults_of,
)
from subject_requests.intake.serving import download
from subject_requests.models import Request
from systems.api import CHALLENGE, ByKey, KeyAuthentication, Refusal
from systems.meter import meter
from systems.question import Caller

PURPOSE: Final = services.PURPOSE
_PEOPLE: Final = frozenset({Role.USER, Role.REPRESENTATIVE})
PER_PAGE: Final = 50
_KEY_HEADER: Final = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="With a key of a system: the same value twice is one request. Up to 200 signs.",
)
_FILING: Final = PolymorphicProxySerializer(
    component_name="Filing", serializers=[FileSerializer, FileFromSystem], resource_type_field_name=None
)
_PROBLEMS: Final = {
    401: OpenApiResponse(Problem, description="Nobody is signed in, and there is no valid key."),
    403: OpenApiResponse(Problem, description="Not for this role, or the key is not for the purpose `rights`."),
    429: OpenApiResponse(Problem, description="The limit of the key is used up."),
}


class MayAsk(BasePermission):
    """People about themselves; systems whose key is for answering requests. Staff have their desk."""

    def has_permission(self, request: Asked, view: APIView) -> bool:
        if isinstance(request.auth, Caller):
            return PURPOSE in request.auth.purposes
        return getattr(request.user, "role", None) in _PEOPLE


class _Page(ByKey):
    authentication_classes: Any = (KeyAuthentication, SessionAuthentication)
    permission_classes: Any = (MayAsk,)
    parser_classes: Any = (JSONParser, MultiPartParser)

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Whoever shows no key is asked for a session; the description names both."""
        if getattr(self, "swagger_fake_view", False) or not hasattr(self, "request"):
            return super().get_authenticators()
        return [KeyAuthentication() if "Authorization" in self.request.headers else SessionAuthentication()]

    def get_authenticate_header(self, request: Asked) -> str:
        return CHALLENGE

    def initial(self, request: Asked, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        caller = _caller(request)
        if caller and not meter.admit(caller.key_id, caller.per_minute, 1, clock.now()):
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS, "too_many", _("The limit of this key is used up for this minute.")
            )

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, exceptions.ValidationError):
            exc = Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, "not_valid", _("Some values cannot be taken."), faults_of(exc.detail)
            )
        return super().handle_exception(exc)


class Requests(_Page):
    @extend_schema(
        operation_id="requests_list",
        summary="My requests",
        description="With a session: the person's own, newest first. With a key: those that this key has sent.",
        parameters=[OpenApiParameter("after", OpenApiTypes.STR, description="Number of the last one seen.")],
        responses={200: Listed(many=True), **_PROBLEMS},
        tags=["requests"],
    )
    def get(self, request: Asked) -> Response:
        rows = _own(request).order_by("-number")
        if after := request.query_params.get("after"):
            rows = rows.filter(number__lt=after)
        return Response(Listed(rows.prefetch_related("clocks")[:PER_PAGE], many=True).data)

    @extend_schema(
        operation_id="requests_file",
        summary="File a request",
        description=(
            "Its clocks start at once. A system names the address of the person who asks and, when it received the "
            "request earlier, the moment; the person is written to at that address and has to show that it is theirs."
        ),
        parameters=[_KEY_HEADER],
        request={"application/json": _FILING, "multipart/form-data": _FILING},
        responses={201: Taken, 200: OpenApiResponse(Taken, description="It was filed before."), **_PROBLEMS}
        | {
            409: OpenApiResponse(Problem, description="A request to destroy everything is open already."),
            422: OpenApiResponse(Problem, description="Some values cannot be taken; `errors` points at them."),
        },
        tags=["requests"],
    )
    def post(self, request: Asked) -> Response:
        caller = _caller(request)
        form = _valid(FileFromSystem if caller else FileSerializer, request)
        files = _files(request)
        try:
            if caller:
                filed, is_new = systems.file(
                    form.validated_data, files.taken, caller=caller, again=_idempotency(request), at=clock.now()
                )
            else:
                filed, is_new = _file_own(request, form.validated_data, files), True
        except services.AlreadyAsked:
            raise Refusal(
                HTTPStatus.CONFLICT, "already_asked", _("A request to destroy everything is open already.")
            ) from None
        return Response(Taken(filed).data, status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)


class OneRequest(_Page):
    @extend_schema(
        operation_id="requests_one",
        summary="One request",
        description="Its clocks, and to the person what was written. A system sees how it stands and no words.",
        responses={
            200: Shown,
            404: OpenApiResponse(Problem, description="There is none, or it is not yours."),
            **_PROBLEMS,
        },
        tags=["requests"],
    )
    def get(self, request: Asked, request_id: UUID) -> Response:
        filed = get_object_or_404(_own(request), pk=request_id)
        if _caller(request):
            return Response(Listed(filed).data)
        with processing(PURPOSE, actor=_person(request).actor):
            return Response(Shown(filed).data)


class Words(_Page):
    @extend_schema(
        operation_id="requests_write",
        summary="Write more",
        description="To a request that is open. Whoever of the staff waited for it has it on the desk again.",
        request={"application/json": MoreSerializer, "multipart/form-data": MoreSerializer},
        responses={201: MessageSerializer, **_PROBLEMS}
        | {
            404: OpenApiResponse(Problem, description="There is none, or it is not yours."),
            409: OpenApiResponse(Problem, description="The request is closed."),
            422: OpenApiResponse(Problem, description="Some values cannot be taken."),
        },
        tags=["requests"],
    )
    def post(self, request: Asked, request_id: UUID) -> Response:
        _refuse_systems(request)
        filed = get_object_or_404(_own(request), pk=request_id)
        form, files, at = _valid(MoreSerializer, request), _files(request), clock.now()
        try:
            actor = _person(request).actor
            with processing(PURPOSE, actor=actor):
                text = form.validated_data["text"]
                written = attaching.add_with_files(filed, text=text, files=files.taken, actor=actor, at=at)
                return Response(MessageSerializer(written).data, status=HTTPStatus.CREATED)
        except services.NotOpen:
            raise Refusal(HTTPStatus.CONFLICT, "closed", _("The request is closed.")) from None


class OneFile(_Page):
    @extend_schema(
        operation_id="requests_file_content",
        summary="A file of a request",
        description="To be saved: it is never shown by the portal.",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **_PROBLEMS},
        tags=["requests"],
    )
    def get(self, request: Asked, request_id: UUID, attachment_id: UUID) -> HttpResponse:
        _refuse_systems(request)
        filed = get_object_or_404(_own(request), pk=request_id)
        attachment = get_object_or_404(Attachment, pk=attachment_id, request=filed, subject_id=filed.subject_id)
        with processing(PURPOSE, actor=_person(request).actor):
            return download(attachment)


def _own(request: Asked) -> Any:
    caller = _caller(request)
    if caller:
        return Request.objects.filter(from_system__key=caller.key_id)
    return Request.objects.of(_person(request).subject_id)


def _person(request: Asked) -> User:
    """Whom MayAsk has let in without a key."""
    return cast(User, request.user)


def _caller(request: Asked) -> Caller | None:
    return request.auth if isinstance(request.auth, Caller) else None


def _refuse_systems(request: Asked) -> None:
    """What was written is between the person and staff."""
    if _caller(request):
        raise exceptions.PermissionDenied(_("A key does not open this."), "not_by_key")


def _valid(kind: type[Serializer[Any]], request: Asked) -> Serializer[Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return form


def _files(request: Asked) -> Checked:
    checked = attaching.check(offered_in(request.FILES.getlist("files")), can_be_asked=True)
    if checked.refused:
        errors = [{"pointer": f"/files/{one.place - 1}", "detail": str(one.why.label)} for one in checked.refused]
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "files_not_taken", _("Some files were not taken."), errors)
    return checked


def _file_own(request: Asked, values: dict[str, Any], files: Checked) -> Request:
    return attaching.file_with_files(
        subject_id=_person(request).subject_id,
        kinds=values["kinds"],
        text=values["text"],
        files=files.taken,
        language=values.get("language") or reader_language(),
        actor=_person(request).actor,
        at=clock.now(),
    )


def _idempotency(request: Asked) -> str:
    return request.headers.get("Idempotency-Key", "")[:200]
