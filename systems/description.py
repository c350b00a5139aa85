"""What the description of the API (OpenAPI) says about the question: it is answered ahead of Django, by bytes, so its
form is written down here, beside the page."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiViewExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from systems import question
from systems.asked import MOST


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "systems.api.KeyAuthentication"
    match_subclasses = True
    name = "systemKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Key of a system, `opk_…`, made on the desk."}


_verdict: Any = {
    "may": serializers.BooleanField(),
    "reason": serializers.CharField(help_text="consent, basis, no_consent, blocked, destroyed, not_covered …"),
    "norm": serializers.CharField(allow_null=True),
    "text": serializers.CharField(help_text="In the caller's language."),
}
_QUESTION = inline_serializer(
    "Question",
    {
        "purpose": serializers.CharField(help_text="Code of a purpose that the key is for."),
        "subject": serializers.UUIDField(required=False, help_text="One person, by the pseudonymous reference."),
        "subjects": serializers.ListField(
            child=serializers.UUIDField(), required=False, max_length=MOST, help_text="Or several people."
        ),
    },
)
_ANSWER = inline_serializer(
    "Answer",
    {
        **_verdict,
        "purpose": serializers.CharField(),
        "subject": serializers.UUIDField(required=False),
        "as_of": serializers.DateTimeField(),
        "answers": inline_serializer(
            "Verdict", {"subject": serializers.UUIDField(), **_verdict}, many=True, required=False
        ),
    },
)
_PROBLEM = inline_serializer(
    "QuestionProblem",
    {
        "type": serializers.CharField(),
        "title": serializers.CharField(),
        "status": serializers.IntegerField(),
        "code": serializers.CharField(),
        "detail": serializers.CharField(),
    },
)


class DescribedMay(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "systems.api.May"

    def view_replacement(self) -> Any:
        class Described(self.target_class):  # type: ignore[name-defined, misc]
            @extend_schema(
                operation_id="may",
                summary="May this purpose process this person now?",
                description="Answered by the rule that the portal itself obeys. It is good for a minute at most.",
                tags=["question"],
                request=_QUESTION,
                responses={
                    200: _ANSWER,
                    401: OpenApiResponse(_PROBLEM, description="`no_key`"),
                    403: OpenApiResponse(_PROBLEM, description="`not_your_purpose`"),
                    404: OpenApiResponse(_PROBLEM, description=f"`{question.UNKNOWN}`, `unknown_purpose`"),
                    422: OpenApiResponse(_PROBLEM, description="`no_question`"),
                    429: OpenApiResponse(_PROBLEM, description="`too_many`"),
                },
                examples=[
                    OpenApiExample(
                        "one person",
                        value={"purpose": "ads", "subject": "0b0c6bd4-5a9e-4f0f-9f8c-2f4f6a5d1b11"},
                        request_only=True,
                    )
                ],
            )
            def post(self, request: Request) -> Any: ...

        return Described
