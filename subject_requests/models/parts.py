"""What a request about unlawful or unneeded data is of, as staff have found: everything, or parts of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from personal_data.models import Subject
from subject_requests.kinds import Contest
from subject_requests.models.requests import EVIDENCE, Request


class ContestedPart(models.Model):
    """A category, a single value (`place` is its table and column, `row` the row), or, where all three are empty,
    everything. `order` is the order to destroy it; of everything there is none. Triggers hold that everything stands
    alone, that a request about unneeded data is granted for something, and that nothing changes afterwards."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"ground": "code", "category": "code", "place": "a table and a column"}
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="contested_parts")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    ground = models.TextField(pgettext_lazy("contested part", "why"), choices=Contest.choices)
    category = models.TextField(pgettext_lazy("contested part", "category"), blank=True)
    place = models.TextField(pgettext_lazy("contested part", "single value"), blank=True)
    row = models.UUIDField(null=True, blank=True)
    order = models.UUIDField(pgettext_lazy("contested part", "order"), null=True, blank=True)
    chosen_at = models.DateTimeField(pgettext_lazy("contested part", "chosen"))
    chosen_by = models.UUIDField(pgettext_lazy("contested part", "chosen by"))

    class Meta:
        verbose_name = pgettext_lazy("request", "part that a request is about")
        verbose_name_plural = pgettext_lazy("request", "parts that a request is about")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["request", "ground", "category", "place", "row"],
                nulls_distinct=False,
                name="contested_part_is_named_once",
            ),
            models.CheckConstraint(condition=Q(ground__in=Contest.values), name="contested_part_ground_is_known"),
            models.CheckConstraint(
                condition=Q(place="", row=None) | (Q(category="", row__isnull=False) & ~Q(place="")),
                name="contested_part_is_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(order=None) | ~Q(category="", place=""), name="contested_part_is_ordered_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ground} {self.category or self.place or 'everything'}"

    @property
    def is_everything(self) -> bool:
        return not (self.category or self.place)
