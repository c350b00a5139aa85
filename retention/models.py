"""Clocks that run towards destruction, the records of what was destroyed, and debts outside of the database."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from law.deadlines import operator_zone
from personal_data.models import Subject


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> "ClockQuerySet":
        return self.filter(cancelled_at=None)

    def for_whole_person(self) -> "ClockQuerySet":
        return self.filter(purpose="")

    def due(self, at: datetime) -> "ClockQuerySet":
        """Each person once: by the clock that was due first, which gives the reason."""
        running = Clock.objects.running().for_whole_person().filter(subject_id=OuterRef("subject_id"))
        earlier = Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), id__lt=OuterRef("id"))
        return (
            self.running()
            .for_whole_person()
            .filter(~Exists(running.filter(earlier)), due_at__lte=at, subject__destroyed_at=None)
            .order_by("due_at", "id")
        )


class Clock(models.Model):
    """A term that runs for a person. When it is over, what is held about them is destroyed, and this row with it.

    `purpose` is empty when the whole person is meant, and the code of a consent when only what was held for that
    consent is. The term is counted once, when the clock starts: a rule that changes later does not move it."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "trigger": "code",
        "rule": "code",
        "purpose": "code of a purpose",
        "receipt_digest": "SHA-256 of a random-looking code",
    }
    GATHERED = ("trigger", "rule")

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    trigger = models.TextField(_("what happened"))
    rule = models.TextField(_("rule"))
    purpose = models.TextField(_("consent"), blank=True)
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("to be destroyed from"))
    late_at = models.DateTimeField(_("to be destroyed before"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed last"), null=True, blank=True)
    receipt_digest = models.BinaryField()

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("clock of retention")
        verbose_name_plural = _("clocks of retention")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "trigger", "purpose"], condition=Q(cancelled_at=None), name="clock_runs_once"
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="clock_is_due_after_it_started"),
            models.CheckConstraint(condition=Q(late_at__gt=F("due_at")), name="clock_leaves_time_to_destroy"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(cancelled_at__gte=F("started_at")),
                name="clock_cancelled_after_it_started",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="clock_by_due", condition=Q(cancelled_at=None)),
            models.Index(fields=["receipt_digest"], name="clock_by_receipt"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject_id}"

    @property
    def destroy_on(self) -> date:
        return timezone.localtime(self.due_at, operator_zone()).date()

    def is_running(self) -> bool:
        return self.cancelled_at is None

    def is_late(self, at: datetime) -> bool:
        return self.is_running() and at >= self.late_at


class Run(models.Model):
    """One go of the destroying job that found somebody due. `operator` is the operator's card on that day, for the act.

    The numbers grow with each batch, in the batch's own transaction: a run that was killed shows how far it came."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"operator": "the operator's own name, address and numbers"}

    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    found = models.PositiveIntegerField(_("people due"))
    destroyed = models.PositiveIntegerField(_("people destroyed"), default=0)
    failed = models.PositiveIntegerField(_("people it could not destroy"), default=0)
    operator = models.JSONField(_("operator"))

    class Meta:
        verbose_name = _("run of destruction")
        verbose_name_plural = _("runs of destruction")

    def __str__(self) -> str:
        return f"run {self.pk}"


class Method(models.TextChoices):
    """How the data was destroyed, for the act."""

    ROWS_AND_KEY = "rows_and_key", _("rows and files deleted, the person’s encryption key erased")


class Destruction(models.Model):
    """The record that a person's data was destroyed: what Roskomnadzor's Order 179 asks of the log (whose, which
    categories, in which system, why, when) and what the act takes from it. Says nothing that the data said.

    Appended once per subject and never changed: UPDATE, DELETE and TRUNCATE are refused by triggers and not granted.
    The subject is named by its reference and not by a foreign key: the record outlives everything."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "subject_kind": "code",
        "trigger": "code",
        "rule": "code",
        "reason": "title of the retention rule",
        "norm": "clause of the policy and article of the law",
        "categories": "codes of categories",
        "counts": "number of rows by table, no values",
        "system": "name of the information system",
        "method": "code",
        "receipt_digest": "SHA-256 of a random-looking code",
    }

    subject = models.UUIDField(_("person"), unique=True)
    subject_kind = models.TextField()
    year = models.PositiveSmallIntegerField()
    running = models.PositiveIntegerField()
    receipt_digest = models.BinaryField(unique=True)
    destroyed_at = models.DateTimeField(_("destroyed"))
    trigger = models.TextField(_("what happened"))
    rule = models.TextField(_("rule"))
    reason = models.JSONField(_("reason"))
    norm = models.JSONField(_("by which norm"))
    started_at = models.DateTimeField(_("term started"))
    due_at = models.DateTimeField(_("to be destroyed from"))
    late_at = models.DateTimeField(_("to be destroyed before"))
    categories = ArrayField(models.TextField(), verbose_name=_("categories"), default=list)
    counts = models.JSONField(_("rows by table"))
    system = models.TextField(_("information system"))
    method = models.TextField(_("method"), choices=Method.choices)
    key_epoch = models.PositiveSmallIntegerField(_("epoch of the key"))
    final_at = models.DateTimeField(_("final in every copy"))
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="destructions", verbose_name=_("run"))

    class Meta:
        verbose_name = _("record of destruction")
        verbose_name_plural = _("records of destruction")
        constraints = [
            models.UniqueConstraint(fields=["year", "running"], name="destruction_number_is_given_once"),
            models.CheckConstraint(condition=Q(destroyed_at__gte=F("due_at")), name="destruction_is_never_early"),
            models.CheckConstraint(condition=Q(method__in=Method.values), name="destruction_method_is_known"),
        ]
        indexes = [models.Index(fields=["destroyed_at"], name="destruction_by_time")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.year}-{self.running:06d}"

    @property
    def was_late(self) -> bool:
        return self.destroyed_at >= self.late_at


class LedgerDebt(models.Model):
    """Records of one batch that have yet to be written into the ledger: made in the batch's transaction, deleted when
    the lines are on disk."""

    year = models.PositiveSmallIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="ledger_debt_owes_something")]

    def __str__(self) -> str:
        return f"{self.year} {self.first}–{self.last}"


class FileDebt(models.Model):
    """Sealed files of a deleted row, still on disk: made in the row's last transaction, deleted with the files."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"model": "name of a model"}

    model = models.TextField()
    row = models.UUIDField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.model} {self.row}"


def reference(subject_id: UUID) -> str:
    """The short form of a subject's reference, for lists."""
    return str(subject_id)[:8]
