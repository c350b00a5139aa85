"""What a person allows to be shown to everybody, and on which conditions (152-FZ, article 10.1)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consent.shown import KEPT_AS_PROOF
from personal_data.models import Subject


class Decision(models.TextChoices):
    BANNED = "banned", pgettext_lazy("dissemination", "do not show it to anybody")
    ALLOWED = "allowed", pgettext_lazy("dissemination", "may be shown to everybody")
    CONDITIONS = "conditions", pgettext_lazy("dissemination", "may be shown, on these conditions")


class Condition(models.TextChoices):
    """The bans and conditions of article 10.1, part 9, as codes."""

    LOOK_ONLY = "look_only", _("others may look, and do nothing else with it")
    NO_PASSING_ON = "no_passing_on", _("the operator may not pass it on to everybody, other than let them look")
    INTERNAL_NETWORK = "internal_network", _("only over the operator's own network, for named staff")


class DisseminationChoice(models.Model):
    """What was decided about one category with one entry of the ledger."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {
        "category": "code of a category",
        "decision": "code",
        "conditions": "codes of conditions",
    }

    entry = models.ForeignKey("consent.LedgerEntry", on_delete=models.PROTECT, related_name="choices")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    category = models.TextField()
    decision = models.TextField(choices=Decision.choices)
    conditions = ArrayField(models.TextField(choices=Condition.choices), default=list, blank=True)

    class Meta:
        verbose_name = _("choice about dissemination")
        verbose_name_plural = _("choices about dissemination")
        ordering = ("category",)
        constraints = [
            models.UniqueConstraint(fields=["entry", "category"], name="dissemination_choice_once_a_category"),
            models.CheckConstraint(
                condition=Q(decision__in=["banned", "allowed"], conditions=[])
                | (Q(decision="conditions", conditions__contained_by=Condition.values) & ~Q(conditions=[])),
                name="dissemination_choice_says_its_conditions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.decision}"
