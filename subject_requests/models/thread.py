"""The words that were exchanged in a request."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from personal_data.fields import SealedTextField
from personal_data.models import PersonalModel
from personal_data.queries import PeerQuerySet
from subject_requests.kinds import Author, MessageKind
from subject_requests.models.requests import Request

__all__ = ["Author", "Message", "MessageKind"]


class MessageQuerySet(PeerQuerySet["Message"]):
    def shown(self) -> "MessageQuerySet":
        """What the person may read."""
        return self.filter(shown_at__isnull=False)


class Message(PersonalModel):
    """What was written in a request, by either side. Goes with its subject. `shown_at` is when the person could read
    it first: never for a note, and for a refusal not before a second person has agreed."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"author": "code", "kind": "code"}

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="messages")
    author = models.TextField(choices=Author.choices)
    author_id = models.UUIDField(null=True, blank=True)
    kind = models.TextField(choices=MessageKind.choices, default=MessageKind.WORDS)
    written_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, blank=True)
    text = SealedTextField(pgettext_lazy("request", "text"), category="request")

    objects: ClassVar[Any] = MessageQuerySet.as_manager()

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("request", "message")
        ordering = ("written_at", "author", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(author__in=Author.values), name="message_author_is_known"),
            models.CheckConstraint(condition=Q(kind__in=MessageKind.values), name="message_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(kind=MessageKind.NOTE) | Q(shown_at=None), name="message_note_is_never_shown"
            ),
            models.CheckConstraint(
                condition=~Q(author=Author.PERSON) | Q(shown_at__isnull=False), name="message_of_the_person_is_theirs"
            ),
        ]

    @property
    def is_held_back(self) -> bool:
        """Not in the person's own copy: notes of the staff, and a refusal that nobody has confirmed."""
        return self.shown_at is None
