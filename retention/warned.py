"""That somebody was warned of the end of a part of their data."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from personal_data.models import Subject


class PartWarning(models.Model):
    """One for each category, day of its end, and distance to it. The constraint is what keeps two runs from warning
    twice; a term that was moved ends on another day, and is warned of anew."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"category": "code"}

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    category = models.TextField(_("category"))
    destroy_on = models.DateField(_("to be destroyed on"))
    days = models.PositiveSmallIntegerField(_("days before"))
    warned_at = models.DateTimeField(_("the person was warned"))

    class Meta:
        verbose_name = _("warning of the end of a part")
        verbose_name_plural = _("warnings of the end of a part")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "category", "destroy_on", "days"], name="part_warning_is_given_once"
            ),
            models.CheckConstraint(
                condition=Q(days__in=[3, 14]), name="part_warning_is_two_weeks_or_three_days_before"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.destroy_on} {self.days}"
