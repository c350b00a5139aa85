"""What goes over the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import border
from law import clock
from subject_requests.forms import LONGEST_TEXT
from subject_requests.intake.models import Attachment
from subject_requests.kinds import Author, Channel, MessageKind, RequestKind, State, in_order
from subject_requests.models import Message, Request, RequestClock


class Problem(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; the words are in the caller's language.")
    detail = serializers.CharField()
    errors = serializers.ListField(  # type: ignore[assignment]  # fields are taken out of the class
        child=serializers.DictField(), required=False, help_text="JSON pointer and words each"
    )


class _Strict(serializers.Serializer[Any]):
    """Another key than those asked for is a mistake, not something to pass over."""

    companions = frozenset({"csrfmiddlewaretoken"})

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields) - self.companions
        if unknown:
            raise serializers.ValidationError({key: [_("There is no such key.")] for key in sorted(unknown)})
        return attrs


class FileSerializer(_Strict):
    kinds = serializers.MultipleChoiceField(choices=RequestKind.choices, allow_empty=False)
    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_TEXT)
    language = serializers.ChoiceField(choices=["ru", "en"], required=False)
    files = serializers.ListField(
        child=serializers.FileField(), required=False, write_only=True, help_text="Only as multipart/form-data."
    )

    def validate_kinds(self, kinds: Any) -> list[RequestKind]:
        return in_order(kinds)


class FileFromSystem(FileSerializer):
    address = serializers.EmailField(max_length=254, help_text="Only with a key: where the person is written to.")
    name = serializers.CharField(required=False, default="", max_length=200, help_text="Only with a key.")
    received_at = serializers.DateTimeField(required=False, help_text="Only with a key: not in the future.")

    def validate_address(self, address: str) -> str:
        if border.is_token(address):
            raise serializers.ValidationError(_("This address cannot receive mail."))
        return address

    def validate_received_at(self, received: datetime) -> datetime:
        if received > clock.now():
            raise serializers.ValidationError(_("This moment is still to come."))
        return received


class MoreSerializer(_Strict):
    text = serializers.CharField(max_length=LONGEST_TEXT)
    files = serializers.ListField(
        child=serializers.FileField(), required=False, write_only=True, help_text="Only as multipart/form-data."
    )


class ClockSerializer(serializers.ModelSerializer[RequestClock]):
    class Meta:
        model = RequestClock
        fields = ("kind", "rule", "article", "due_on", "due_at", "provisional", "met_at", "how")


class Listed(serializers.ModelSerializer[Request]):
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=RequestKind.choices))
    channel = serializers.ChoiceField(choices=Channel.choices)
    state = serializers.ChoiceField(choices=State.choices)
    clocks = ClockSerializer(many=True)

    class Meta:
        model = Request
        fields = ("id", "number", "kinds", "channel", "state", "received_at", "due_on", "due_at", "closed_at", "clocks")
        read_only_fields = fields


class Taken(serializers.ModelSerializer[Request]):
    class Meta:
        model = Request
        fields = ("id", "number", "received_at", "due_on", "due_at")
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer[Message]):
    author = serializers.ChoiceField(choices=Author.choices)
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    text = serializers.CharField()

    class Meta:
        model = Message
        fields = ("id", "author", "kind", "written_at", "text")
        read_only_fields = fields


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    name = serializers.CharField(source="file.name")

    class Meta:
        model = Attachment
        fields = ("id", "name", "content", "size", "received_at")
        read_only_fields = fields


class Shown(Listed):
    """To be made inside of processing()."""

    messages = serializers.SerializerMethodField()
    attachments = AttachmentSerializer(many=True)

    class Meta(Listed.Meta):
        fields = (*Listed.Meta.fields, "messages", "attachments")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    @extend_schema_field(MessageSerializer(many=True))
    def get_messages(self, request: Request) -> Any:
        return MessageSerializer(request.messages.shown(), many=True).data


def faults_of(detail: Any, pointer: str = "") -> list[dict[str, str]]:
    """JSON pointers, each with what is wrong there."""
    if isinstance(detail, Mapping):
        return [fault for key, inner in detail.items() for fault in faults_of(inner, _joined(pointer, str(key)))]
    if isinstance(detail, list):
        return [fault for inner in detail for fault in faults_of(inner, pointer)]
    return [{"pointer": pointer, "detail": str(detail)}]


def _joined(pointer: str, key: str) -> str:
    return pointer if key == "non_field_errors" else f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
