"""Orders to destroy a part of what is held about somebody who stays: a category, or one value."""

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from personal_data.models import Subject


class Norm(models.TextChoices):
    """Why a part is destroyed although the person stays. Each is a rule of the law with its own term."""

    UNLAWFUL = "unlawful", _("obtained or processed unlawfully (152-FZ, article 21, part 3)")
    UNNEEDED = "unneeded", _("not needed for the stated purpose (152-FZ, article 20, part 3)")
    REACHED = "reached", _("its purpose is reached (152-FZ, article 21, part 4)")
    OWN_WISH = "own_wish", _("its owner removed it (152-FZ, article 14, part 1)")


class PartOrder(models.Model):
    """One person orders; where much would go, another agrees. Carried out once; then it waits for the person's own end.

    Either `categories` or a single value: `place` is its table and column, `row` the row."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"norm": "code", "categories": "codes", "place": "a table and a column"}

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    norm = models.TextField(_("by which norm"), choices=Norm.choices)
    categories = ArrayField(models.TextField(), verbose_name=_("categories"), default=list, blank=True)
    place = models.TextField(_("single value"), blank=True)
    row = models.UUIDField(null=True, blank=True, editable=False)
    found = models.PositiveIntegerField(_("values"))
    ordered_at = models.DateTimeField(_("ordered"))
    ordered_by = models.UUIDField(_("ordered by"))
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    agreed_by = models.UUIDField(_("agreed by"), null=True, blank=True)
    done_at = models.DateTimeField(_("carried out"), null=True, blank=True)

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
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def scope(self) -> dict[str, Any]:
        if self.place:
            return {"place": self.place, "row": str(self.row)}
        return {"categories": sorted(self.categories)}
