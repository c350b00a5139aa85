"""Requests of people about their own data, their course, and the words that were exchanged."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from personal_data.fields import SealedTextField
from personal_data.models import PersonalModel, Subject
from processing_log.actors import ActorKind
from subject_requests.kinds import CLOSED_STATES, OPEN_STATES, Channel, Outcome, RequestKind, State

EVIDENCE = "proof that the request was answered in time; holds codes and dates, the words are in Message and go"


class RequestQuerySet(models.QuerySet["Request"]):
    def of(self, subject_id: UUID) -> "RequestQuerySet":
        return self.filter(subject_id=subject_id)

    def open(self) -> "RequestQuerySet":
        """What somebody waits for. Who is destroyed meanwhile waits no longer."""
        return self.filter(state__in=OPEN_STATES, subject__destroyed_at=None)

    def overdue(self, at: datetime) -> "RequestQuerySet":
        return self.open().filter(due_at__lt=at)

    def due_first(self) -> "RequestQuerySet":
        """What is open comes first, and of that what is due earliest; so the overdue are on top."""
        return self.order_by(OPEN_FIRST, "due_at", "number")


OPEN_FIRST = Case(When(state__in=OPEN_STATES, then=Value(0)), default=Value(1))


class Request(models.Model):
    """One request and its clock, which started when it was received. Its course is held by a trigger: received, taken,
    answered or refused, and nothing changes after that."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "number": "year and running number",
        "kind": "code",
        "channel": "code",
        "language": "code",
        "rule": "id of a deadline rule",
        "counted_days": "days of the calendar",
        "state": "code",
        "outcome": "code",
        "refusal_norm": "article of a law",
    }
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.TextField(pgettext_lazy("request", "number"), unique=True)
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, related_name="+", verbose_name=pgettext_lazy("request", "person")
    )
    kind = models.TextField(pgettext_lazy("request", "kind"), choices=RequestKind.choices)
    channel = models.TextField(pgettext_lazy("request", "received by"), choices=Channel.choices, default=Channel.PORTAL)
    language = models.TextField(pgettext_lazy("request", "language of the answer"), choices=settings.LANGUAGES)
    received_at = models.DateTimeField(pgettext_lazy("request", "received"))
    rule = models.TextField(pgettext_lazy("request", "deadline rule"))
    due_on = models.DateField(pgettext_lazy("request", "due"))
    due_at = models.DateTimeField(pgettext_lazy("request", "due at"))
    target_on = models.DateField(pgettext_lazy("request", "our own target"))
    counted_days = ArrayField(models.DateField(), default=list, verbose_name=pgettext_lazy("request", "days counted"))
    provisional = models.BooleanField(_("the due date is provisional"), default=False)
    state = models.TextField(pgettext_lazy("request", "state"), choices=State.choices, default=State.NEW)
    taken_by = models.UUIDField(pgettext_lazy("request", "taken by"), null=True, blank=True)
    taken_at = models.DateTimeField(pgettext_lazy("request", "taken"), null=True, blank=True)
    closed_by = models.UUIDField(pgettext_lazy("request", "closed by"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("request", "closed"), null=True, blank=True)
    outcome = models.TextField(pgettext_lazy("request", "outcome"), choices=Outcome.choices, blank=True)
    refusal_norm = models.TextField(pgettext_lazy("request", "refused by"), blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("request", "request")
        verbose_name_plural = pgettext_lazy("request", "requests")
        constraints = [
            models.UniqueConstraint(fields=["id", "subject"], name="request_and_its_subject"),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(kind=RequestKind.DESTRUCTION, state__in=OPEN_STATES),
                name="request_one_open_destruction",
            ),
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="request_kind_is_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="request_channel_is_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="request_state_is_known"),
            models.CheckConstraint(condition=Q(outcome__in=["", *Outcome.values]), name="request_outcome_is_known"),
            models.CheckConstraint(condition=Q(due_at__gte=F("received_at")), name="request_due_after_received"),
            models.CheckConstraint(condition=Q(target_on__lte=F("due_on")), name="request_target_not_after_due"),
            models.CheckConstraint(
                condition=Q(state=State.NEW, taken_by=None, taken_at=None)
                | (~Q(state=State.NEW) & Q(taken_by__isnull=False, taken_at__gte=F("received_at"))),
                name="request_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, closed_by=None, closed_at=None)
                | Q(state__in=CLOSED_STATES, closed_by__isnull=False, closed_at__gte=F("taken_at")),
                name="request_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=(Q(state=State.ANSWERED) & ~Q(outcome="")) | (~Q(state=State.ANSWERED) & Q(outcome="")),
                name="request_answered_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(state=State.REFUSED) & ~Q(refusal_norm=""))
                | (~Q(state=State.REFUSED) & Q(refusal_norm="")),
                name="request_refused_names_a_norm",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN_STATES), name="request_open_by_due"),
            models.Index(fields=["subject", "-received_at"], name="request_by_subject"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def is_overdue(self, at: datetime) -> bool:
        """Still open after its term, or closed too late."""
        return (self.closed_at or at) > self.due_at


class RequestStep(models.Model):
    """One step of a request's course: appended, never changed."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "actor_kind": "code",
        "actor_id": "uuid of a user or the name of a job",
        "state_before": "code",
        "state_after": "code",
    }
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="steps")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    actor_kind = models.TextField(choices=ActorKind.choices)
    actor_id = models.TextField()
    state_before = models.TextField(choices=State.choices, blank=True)
    state_after = models.TextField(choices=State.choices)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(state_after__in=State.values), name="request_step_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.state_before} → {self.state_after}"


class Author(models.TextChoices):
    PERSON = "person", pgettext_lazy("request", "the person")
    STAFF = "staff", pgettext_lazy("request", "staff")


class Message(PersonalModel):
    """What was written in a request, by either side. Goes with its subject."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"author": "code"}

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="messages")
    author = models.TextField(choices=Author.choices)
    author_id = models.UUIDField(null=True, blank=True)
    written_at = models.DateTimeField()
    text = SealedTextField(pgettext_lazy("request", "text"), category="request")

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("request", "message")
        ordering = ("written_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(author__in=Author.values), name="message_author_is_known"),
        ]


def next_number(year: int) -> str:
    """The next free number, such as 2026-000123. Numbers of acts that failed stay unused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('subject_requests_number')")
        row: tuple[Any, ...] = cursor.fetchone() or (0,)
    return f"{year}-{row[0]:06}"
