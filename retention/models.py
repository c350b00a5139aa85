"""Clocks that run towards destruction, the records of what was destroyed, and debts outside of the database."""

from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from law.deadlines import operator_zone
from personal_data.models import Subject
from retention.actions import Action, Anonymisation
from retention.anonymous import AnonymousCount
from retention.orders import Norm, PartOrder
from retention.standing import RuleVersion
from retention.stops import UNCONFIRMED, Ground, Hold, MassRun, Obstacle
from retention.warned import PartWarning

__all__ = [
    "UNCONFIRMED", "Action", "Anonymisation", "AnonymousCount", "Clock", "ClockQuerySet", "Destruction", "FileDebt",
    "Ground", "Hold", "LedgerDebt", "MassRun", "Method", "Norm", "Obstacle", "PartOrder", "PartWarning", "RuleVersion",
    "Run", "reference",
]  # fmt: skip


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> "ClockQuerySet":
        """A clock of one purpose is over when it was carried out; one of a whole person goes with the person."""
        return self.filter(Q(purpose="") | Q(carried_at=None), cancelled_at=None)

    def for_whole_person(self) -> "ClockQuerySet":
        return self.filter(purpose="", purposes=[])

    def keeping(self) -> "ClockQuerySet":
        """Those by which some purposes go on for longer than the rest."""
        return self.filter(cancelled_at=None, purpose="").exclude(purposes=[])

    def unheld(self, at: datetime) -> "ClockQuerySet":
        """A clock goes with its person, so whoever has one is there."""
        held = Hold.objects.in_force(at).filter(subject_id=OuterRef("subject_id"))
        return self.exclude(Exists(held))

    def ends(self, at: datetime) -> "ClockQuerySet":
        """Each person once, by the clock that was due first, which gives the reason. Nobody whom a hold keeps."""
        running = Clock.objects.running().for_whole_person().filter(subject_id=OuterRef("subject_id"))
        earlier = Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), id__lt=OuterRef("id"))
        return (
            self.running()
            .for_whole_person()
            .filter(~Exists(running.filter(earlier)), due_at__lte=at)
            .unheld(at)
            .order_by("due_at", "id")
        )

    def due(self, at: datetime) -> "ClockQuerySet":
        """As `ends`, but nobody of whom a purpose that goes on needs something."""
        needed = Clock.objects.keeping().filter(subject_id=OuterRef("subject_id"), due_at__gt=at)
        return self.ends(at).exclude(Exists(needed))

    def due_in_part(self, at: datetime) -> "ClockQuerySet":
        """Clocks of one purpose, and clocks of people of whom something is needed for longer."""
        needed = Clock.objects.keeping().filter(subject_id=OuterRef("subject_id"), due_at__gt=at)
        return (
            self.running()
            .filter(Q(Exists(needed), purposes=[]) | ~Q(purpose=""), carried_at=None, due_at__lte=at)
            .unheld(at)
            .order_by("due_at", "id")
        )


class Clock(models.Model):
    """A term that runs for a person. When it is over, what is held about them is destroyed, and this row with it.

    `purpose` is empty when the whole person is meant, and the code of a purpose when only what was held for that one
    is: such a clock is carried out and stays, as the memory that the purpose has ended. `purposes` are those for which
    a rule keeps what they need for longer than the rest. The term is counted once, when the clock starts; a rule that
    changes replaces it, after a preview, by another clock (standing.py). With a rule that blocks, the data is blocked
    from `block_at` and destroyed from `due_at`."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "trigger": "code",
        "rule": "code",
        "purpose": "code of a purpose",
        "purposes": "codes of purposes",
        "action": "code",
        "anonymisation": "code of a method",
        "receipt_digest": "SHA-256 of a random-looking code",
    }
    GATHERED = ("trigger", "rule")

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    trigger = models.TextField(_("what happened"))
    rule = models.TextField(_("rule"))
    purpose = models.TextField(_("consent"), blank=True)
    purposes = ArrayField(models.TextField(), verbose_name=_("needed for"), default=list, db_default=[], blank=True)
    action = models.TextField(_("what is done"), choices=Action.choices, default="destroy", db_default="destroy")
    anonymisation = models.TextField(_("method of anonymisation"), blank=True, default="", db_default="")
    part = models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("to be destroyed from"))
    late_at = models.DateTimeField(_("to be destroyed before"))
    block_at = models.DateTimeField(_("to be blocked from"), null=True, blank=True)
    blocked_at = models.DateTimeField(_("blocked"), null=True, blank=True)
    carried_at = models.DateTimeField(_("carried out"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed last"), null=True, blank=True)
    warned_at = models.DateTimeField(_("the person was warned"), null=True, blank=True)
    warned_again_at = models.DateTimeField(_("the person was warned again"), null=True, blank=True)
    receipt_digest = models.BinaryField()

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("clock of retention")
        verbose_name_plural = _("clocks of retention")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "trigger", "purpose", "purposes"],
                condition=Q(cancelled_at=None) & (Q(purpose="") | Q(carried_at=None)),
                name="clock_runs_once",
            ),
            models.CheckConstraint(condition=Q(action__in=Action.values), name="clock_action_is_known"),
            models.CheckConstraint(
                condition=Q(action="anonymise", anonymisation__in=Anonymisation.values)
                | (~Q(action="anonymise") & Q(anonymisation="")),
                name="clock_anonymises_by_a_named_method",
            ),
            models.CheckConstraint(
                condition=Q(action="block", block_at__lte=F("due_at")) | (~Q(action="block") & Q(block_at=None)),
                name="clock_blocks_before_it_destroys",
            ),
            models.CheckConstraint(condition=Q(purpose="") | Q(purposes=[]), name="clock_is_of_one_kind"),
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
            models.Index(fields=["subject"], name="clock_keeping", condition=~Q(purposes=[])),
            models.Index(
                fields=["block_at"],
                name="clock_by_block",
                condition=Q(cancelled_at=None, blocked_at=None, action="block"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject_id}"

    @property
    def destroy_on(self) -> date:
        return timezone.localtime(self.due_at, operator_zone()).date()

    @property
    def block_on(self) -> date | None:
        return timezone.localtime(self.block_at, operator_zone()).date() if self.block_at else None

    def is_running(self) -> bool:
        return self.cancelled_at is None and not (self.purpose and self.carried_at)

    @property
    def ends_everything(self) -> bool:
        return not (self.purpose or self.purposes)

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
    VALUES = (
        "values",
        _("values and files deleted; what stays was sealed under a new key, the person’s old encryption key erased"),
    )
    COMPOSITION = (
        "composition",
        _("rows and files deleted, key erased; anonymised by changing the composition: a count by quarters stays"),
    )
    AGGREGATION = (
        "aggregation",
        _("rows and files deleted, key erased; anonymised by aggregation: a count by years stays"),
    )


class Destruction(models.Model):
    """The record that a person's data was destroyed: what Roskomnadzor's Order 179 asks of the log (whose, which
    categories, in which system, why, when) and what the act takes from it. Says nothing that the data said.

    `part` is empty when the whole person was destroyed; else it tells apart what was destroyed of somebody who
    stays, and `scope` says what that was: codes of categories, or the place of one value.

    Appended once per subject, or part, and never changed: UPDATE, DELETE and TRUNCATE are refused by triggers and not
    granted. The subject is named by its reference and not by a foreign key: the record outlives everything."""

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
        "scope": "codes of categories, or table, column and id of a row",
    }

    subject = models.UUIDField(_("person"))
    part = models.UUIDField(null=True, blank=True, editable=False)
    scope = models.JSONField(_("what of it"), null=True, blank=True, editable=False)
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
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
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
            models.UniqueConstraint(fields=["subject", "part"], name="destruction_is_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(part=None, scope=None) & ~Q(method="values")
                | Q(part__isnull=False, scope__isnull=False, method="values"),
                name="destruction_of_a_part_says_of_which",
            ),
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
        """A hold moves the day: within a day of its end nothing is late."""
        freed_at = self.held_until + timedelta(days=1) if self.held_until else self.late_at
        return self.destroyed_at >= max(self.late_at, freed_at)


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
    """Sealed files of a deleted row, still on disk: made in the row's last transaction, deleted with the files. With a
    `name`, one file of a row that stays, which another has taken the place of."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "model": "name of a model",
        "column": "name of a column",
        "name": "a random number, under which a sealed file lies on disk",
    }

    model = models.TextField()
    row = models.UUIDField()
    column = models.TextField(blank=True)
    name = models.TextField(blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.model} {self.row}"


def reference(subject_id: UUID) -> str:
    """The short form of a subject's reference, for lists."""
    return str(subject_id)[:8]
