"""Orders to destroy a part of what is held about somebody who stays: a category, or one value."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from law.deadlines import operator_zone
from personal_data.models import Subject
from retention.stops import Hold


class Norm(models.TextChoices):
    """Why a part is destroyed although the person stays. Each is a rule of the law with its own term."""

    UNLAWFUL = "unlawful", _("obtained or processed unlawfully (152-FZ, article 21, part 3)")
    UNNEEDED = "unneeded", _("not needed for the stated purpose (152-FZ, article 20, part 3)")
    REACHED = "reached", _("its purpose is reached (152-FZ, article 21, part 4)")
    SHOWN = "shown", _("obtained unlawfully or not needed, as its owner has shown (152-FZ, article 20, part 3)")
    OWN_WISH = "own_wish", _("its owner removed it (152-FZ, article 14, part 1)")


class PartOrderQuerySet(models.QuerySet["PartOrder"]):
    def waiting(self) -> "PartOrderQuerySet":
        return self.filter(done_at=None, cancelled_at=None)

    def agreed(self) -> "PartOrderQuerySet":
        """What waits for nobody: for its day, or for the end of a hold."""
        return self.waiting().filter(Q(needs_second=False) | Q(agreed_at__isnull=False), subject__destroyed_at=None)

    def due(self, at: datetime) -> "PartOrderQuerySet":
        """What the next sweep carries out: nothing that a hold keeps, or that a second person has yet to look at."""
        held = Hold.objects.in_force(at).filter(subject_id=OuterRef("subject_id"))
        return self.agreed().filter(due_at__lte=at).exclude(Exists(held)).order_by("due_at", "pk")


class PartOrder(models.Model):
    """One person orders; where much would go, another agrees (`needs_second`). Carried out once, from `due_at` on; then
    it waits for the person's own end.

    Either `categories` or a single value: `place` is its table and column, `row` the row. `rule` is the retention rule
    that it follows, empty where an officer ordered it for themselves; its term began at `started_at`."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "norm": "code",
        "rule": "code",
        "categories": "codes",
        "place": "a table and a column",
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    norm = models.TextField(_("by which norm"), choices=Norm.choices)
    categories = ArrayField(models.TextField(), verbose_name=_("categories"), default=list, blank=True)
    place = models.TextField(_("single value"), blank=True)
    row = models.UUIDField(null=True, blank=True, editable=False)
    rule = models.TextField(_("rule"), blank=True)
    found = models.PositiveIntegerField(_("values"))
    needs_second = models.BooleanField(_("needs a second person"), default=False)
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("to be destroyed from"))
    late_at = models.DateTimeField(_("to be destroyed before"))
    ordered_at = models.DateTimeField(_("ordered"))
    ordered_by = models.UUIDField(_("ordered by"))
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    agreed_by = models.UUIDField(_("agreed by"), null=True, blank=True)
    done_at = models.DateTimeField(_("carried out"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed last"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    told_at = models.DateTimeField(_("the person was told"), null=True, blank=True)
    told_off_at = models.DateTimeField(_("the person was told that nothing goes for it"), null=True, blank=True)

    objects = PartOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order to destroy a part")
        verbose_name_plural = _("orders to destroy a part")
        constraints = [
            models.CheckConstraint(condition=Q(norm__in=Norm.values), name="part_order_norm_is_known"),
            models.CheckConstraint(
                condition=(Q(place="", row=None) & ~Q(categories=[]))
                | (Q(categories=[], row__isnull=False) & ~Q(place="")),
                name="part_order_names_categories_or_a_value",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None, agreed_at=None)
                | (Q(agreed_at__gte=F("ordered_at")) & ~Q(agreed_by=F("ordered_by"))),
                name="part_order_is_agreed_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(needs_second=False) | Q(agreed_at__isnull=False),
                name="part_order_waits_for_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(cancelled_at=None, done_at__gte=F("due_at")),
                name="part_order_is_carried_out_when_due",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="part_order_is_due_after_it_started"),
            models.CheckConstraint(
                condition=Q(told_at=None) | Q(needs_second=False) | Q(agreed_at__isnull=False),
                name="part_order_is_told_of_when_agreed",
            ),
            models.CheckConstraint(
                condition=Q(told_off_at=None) | Q(told_off_at__gte=F("told_at"), told_at__isnull=False),
                name="part_order_is_told_off_after_it_was_told_of",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="part_order_waiting", condition=Q(done_at=None, cancelled_at=None)),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def waits_for_a_second(self) -> bool:
        return self.is_waiting and self.needs_second and self.agreed_at is None

    @property
    def is_waiting(self) -> bool:
        return self.done_at is None and self.cancelled_at is None

    @property
    def may_be_taken_back(self) -> bool:
        """One that follows a rule ends with what it follows."""
        return self.is_waiting and not self.rule

    @property
    def destroy_on(self) -> date:
        return timezone.localtime(self.due_at, operator_zone()).date()

    @property
    def state(self) -> str | Promise:
        if self.done_at:
            return _("carried out")
        if self.cancelled_at:
            return _("taken back")
        return _("waits for a second person") if self.waits_for_a_second else _("waits for its day or for a hold")

    @property
    def scope(self) -> dict[str, Any]:
        if self.place:
            return {"place": self.place, "row": str(self.row)}
        return {"categories": sorted(self.categories)}
