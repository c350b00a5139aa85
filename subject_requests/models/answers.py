"""Answers to requests for information: what was made and given, the archive itself, and the links to it."""

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from personal_data.fields import SealedFileField
from personal_data.models import PersonalModel, Subject
from subject_requests.models.requests import EVIDENCE, Request


class AnswerState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("answer set", "waits for its turn")
    MAKING = "making", pgettext_lazy("answer set", "is being made")
    READY = "ready", pgettext_lazy("answer set", "ready")
    STOPPED = "stopped", pgettext_lazy("answer set", "stopped")
    FAILED = "failed", pgettext_lazy("answer set", "failed")


AT_WORK = (AnswerState.WAITING, AnswerState.MAKING)
STEPS = 5


class AnswerSet(models.Model):
    """The information of article 14, part 7 for one request, in codes and numbers: proof of what was given. What was
    made does not change, a trigger holds it; the archive goes after its own term. `counts` are values by category,
    `left_out` rows whose texts speak of other people."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "language": "code",
        "state": "code",
        "counts": "numbers by code of a category",
        "left_out": "ids of rows",
        "sha256": "hash of an archive that holds random ids",
    }
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="answer_sets")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    language = models.TextField(pgettext_lazy("answer set", "language"))
    state = models.TextField(
        pgettext_lazy("answer set", "state"), choices=AnswerState.choices, default=AnswerState.WAITING
    )
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField(pgettext_lazy("answer set", "asked for"))
    done = models.PositiveSmallIntegerField(default=0)
    stop_asked_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(pgettext_lazy("answer set", "made"), null=True, blank=True)
    left_out = ArrayField(models.UUIDField(), default=list, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    files = models.PositiveIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    sha256 = models.TextField(blank=True)
    attached_at = models.DateTimeField(pgettext_lazy("answer set", "attached"), null=True, blank=True)
    given_at = models.DateTimeField(pgettext_lazy("answer set", "given"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("answer set", "answer to a request for information")
        verbose_name_plural = pgettext_lazy("answer set", "answers to requests for information")
        ordering = ("asked_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AnswerState.values), name="answer_set_state_is_known"),
            models.UniqueConstraint(fields=["request"], condition=Q(state__in=AT_WORK), name="answer_set_one_at_work"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(attached_at__isnull=False), name="answer_set_one_attached"
            ),
            models.CheckConstraint(
                condition=(Q(state=AnswerState.READY, made_at__gte=F("asked_at")) & ~Q(sha256=""))
                | (~Q(state=AnswerState.READY) & Q(made_at=None, sha256="")),
                name="answer_set_ready_when_made",
            ),
            models.CheckConstraint(
                condition=Q(attached_at=None) | Q(state=AnswerState.READY), name="answer_set_attached_when_ready"
            ),
            models.CheckConstraint(
                condition=Q(given_at=None) | Q(attached_at__isnull=False, given_at__gte=F("attached_at")),
                name="answer_set_given_when_attached",
            ),
            models.CheckConstraint(condition=Q(done__lte=STEPS), name="answer_set_done_of_steps"),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(state=AnswerState.WAITING), name="answer_set_waiting"),
            models.Index(fields=["request", "-asked_at"], name="answer_set_by_request"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def is_ready(self) -> bool:
        return self.state == AnswerState.READY


class AnswerFile(PersonalModel):
    """The archive, sealed under the key of the person it is about. Destroyed after a term of its own."""

    EXPIRES = "expires_at"
    EXPIRES_BY = "answer_file"
    #: an answer does not hold the answers before it
    WITHHELD: ClassVar[dict[str, str]] = {"archive": "answer"}

    answer = models.OneToOneField(AnswerSet, on_delete=models.PROTECT, related_name="file")
    archive = SealedFileField(pgettext_lazy("answer set", "archive"), category="request")
    expires_at = models.DateTimeField(pgettext_lazy("answer set", "destroyed"))

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("answer set", "archive of an answer")
        indexes = [models.Index(fields=["expires_at"], name="answer_file_by_expiry")]


class AnswerLinkQuerySet(models.QuerySet["AnswerLink"]):
    def usable(self, at: datetime) -> "AnswerLinkQuerySet":
        return self.filter(used_at=None, ended_at=None, expires_at__gt=at)


class AnswerLink(models.Model):
    """A link that lets the archive be taken once, by the person, signed in. A newer one ends the older."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"digest": "SHA-256 of a random code"}

    answer = models.ForeignKey(AnswerSet, on_delete=models.PROTECT, related_name="links")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AnswerLinkQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("answer set", "link to an answer")
        constraints = [
            models.UniqueConstraint(
                fields=["answer"], condition=Q(used_at=None, ended_at=None), name="answer_link_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="answer_link_lives_a_while"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(used_at__lt=F("expires_at")), name="answer_link_used_while_it_lived"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
