"""Clocks that run towards destruction, the records of what was destroyed, and debts outside of the database."""

from datetime import date, datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from law.deadlines import operator_zone
from personal_data.models import Subject

#: For so long a hold works while nobody else has confirmed it.
UNCONFIRMED: Final = timedelta(days=3)


class Ground(models.TextChoices):
    """By which norm data may, or must, stay although its term is over."""

    COURT = "court", _("a case in court (152-FZ, article 6, part 1, item 3)")
    AUTHORITY = "authority", _("a demand of an authority (152-FZ, article 6, part 1, item 2)")
    ACCOUNTING = "accounting", _("accounting documents (402-FZ, article 29)")
    COMPLAINT = "complaint", _("a complaint is being checked (152-FZ, article 21, parts 1 and 2)")
    IMPOSSIBLE = "impossible", _("destruction is impossible for now (152-FZ, article 21, part 6)")


class Obstacle(models.TextChoices):
    """Why destruction is impossible for now."""

    STORAGE = "storage", _("a storage is out of reach")
    OTHER_SYSTEM = "other_system", _("another system has yet to delete its copy")
    FAULT = "fault", _("a fault of the program is being mended")


class HoldQuerySet(models.QuerySet["Hold"]):
    def in_force(self, at: datetime) -> "HoldQuerySet":
        """Placed by one person it works for three days; confirmed by another, until its end."""
        stands = Q(confirmed_at__isnull=False) | Q(placed_at__gt=at - UNCONFIRMED)
        return self.filter(stands, released_at=None, placed_at__lte=at, until__gt=at)


class Hold(models.Model):
    """Stops the destruction of a person's data until a day, by a norm. Stays as proof of why something was late.

    With the ground `impossible` (D15) the data is blocked besides, and `limit_at`, six months from the event that
    started the term, is the latest end."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"ground": "code", "obstacle": "code"}
    ON_DESTRUCTION = "keep"
    KEEP_REASON = "proof of why data was not destroyed earlier: codes and dates"

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    ground = models.TextField(_("by which norm"), choices=Ground.choices)
    obstacle = models.TextField(_("what stands in the way"), choices=Obstacle.choices, blank=True)
    until = models.DateTimeField(_("until"))
    limit_at = models.DateTimeField(null=True, blank=True)
    may_tell = models.BooleanField(_("the person is told"), default=True)
    placed_at = models.DateTimeField(_("placed"))
    placed_by = models.UUIDField(_("placed by"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.UUIDField(_("confirmed by"), null=True, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.UUIDField(_("released by"), null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold on destruction")
        verbose_name_plural = _("holds on destruction")
        constraints = [
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="hold_ground_is_known"),
            models.CheckConstraint(condition=Q(until__gt=F("placed_at")), name="hold_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (Q(confirmed_at__gte=F("placed_at")) & ~Q(confirmed_by=F("placed_by"))),
                name="hold_is_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(ground="impossible") | Q(limit_at__gte=F("until"), obstacle__in=Obstacle.values),
                name="hold_of_the_impossible_has_a_reason_and_a_limit",
            ),
            models.UniqueConstraint(
                fields=["subject", "ground"], condition=Q(released_at=None), name="hold_stands_once_by_a_norm"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ground} {self.subject_id}"

    def ends_at(self) -> datetime:
        """When it stops working, or stopped."""
        ends = [self.until, self.released_at or self.until]
        return min(ends if self.confirmed_at else [*ends, self.placed_at + UNCONFIRMED])

    def is_in_force(self, at: datetime) -> bool:
        return self.placed_at <= at < self.ends_at()


class MassRun(models.Model):
    """A run that would destroy more people at once than is usual waits here until two people agree."""

    asked_at = models.DateTimeField(_("asked"))
    found = models.PositiveIntegerField(_("people due"))
    living = models.PositiveIntegerField(_("people in the portal"))
    first_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    first_by = models.UUIDField(_("agreed by"), null=True, blank=True)
    second_at = models.DateTimeField(_("agreed by a second person"), null=True, blank=True)
    second_by = models.UUIDField(_("second person"), null=True, blank=True)

    class Meta:
        verbose_name = _("large run that waits for two people")
        verbose_name_plural = _("large runs that wait for two people")
        constraints = [
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None) | (Q(first_by__isnull=False) & ~Q(second_by=F("first_by"))),
                name="mass_run_needs_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.found} of {self.living}"

    @property
    def is_agreed(self) -> bool:
        return self.second_at is not None


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> "ClockQuerySet":
        return self.filter(cancelled_at=None)

    def for_whole_person(self) -> "ClockQuerySet":
        return self.filter(purpose="")

    def due(self, at: datetime) -> "ClockQuerySet":
        """Each person once, by the clock that was due first, which gives the reason. Nobody whom a hold keeps."""
        running = Clock.objects.running().for_whole_person().filter(subject_id=OuterRef("subject_id"))
        earlier = Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), id__lt=OuterRef("id"))
        return (
            self.running()
            .for_whole_person()
            .filter(~Exists(running.filter(earlier)), due_at__lte=at, subject__destroyed_at=None)
            .exclude(Exists(Hold.objects.in_force(at).filter(subject_id=OuterRef("subject_id"))))
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
    warned_at = models.DateTimeField(_("the person was warned"), null=True, blank=True)
    warned_again_at = models.DateTimeField(_("the person was warned again"), null=True, blank=True)
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
