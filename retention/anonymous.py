"""What stays of people whose rule anonymises: counts, keyed by what many have in common. No row is about anybody."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from retention.actions import Anonymisation


class AnonymousCount(models.Model):
    """So many people of a kind came and went in these periods. Each period is named by its first day: a quarter with
    `composition`, a year with `aggregation`, which keeps no arrival."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"method": "code", "rule": "code", "subject_kind": "code"}

    method = models.TextField(_("method of anonymisation"), choices=Anonymisation.choices)
    rule = models.TextField(_("rule"))
    subject_kind = models.TextField(_("kind of people"))
    arrived_in = models.DateField(_("came in the period from"), null=True, blank=True)
    left_in = models.DateField(_("left in the period from"))
    people = models.PositiveIntegerField(_("people"))

    class Meta:
        verbose_name = _("anonymous count")
        verbose_name_plural = _("anonymous counts")
        constraints = [
            models.UniqueConstraint(
                fields=["method", "rule", "subject_kind", "arrived_in", "left_in"],
                nulls_distinct=False,
                name="anonymous_count_is_one_a_cell",
            ),
            models.CheckConstraint(condition=Q(method__in=Anonymisation.values), name="anonymous_count_has_a_method"),
            models.CheckConstraint(condition=Q(people__gt=0), name="anonymous_count_is_of_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.left_in}"
