"""The terms of the law that an entry of the ledger starts, and when each was met."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consent.shown import KEPT_AS_PROOF
from personal_data.models import Subject


class How(models.TextChoices):
    """By what a term was met."""

    STOPPED = "stopped", pgettext_lazy("term", "the processing stopped at once")
    TOLD = "told", pgettext_lazy("term", "those who process for the operator stopped too")
    KEPT = "kept", pgettext_lazy("term", "nothing to destroy: other grounds need the same data")
    GIVEN_AGAIN = "given_again", pgettext_lazy("term", "the consent was given again")
    NOTHING_HELD = "nothing_held", pgettext_lazy("term", "nothing was held any more")
    PUBLISHED = "published", pgettext_lazy("term", "the conditions are published")


class Term(models.Model):
    """One term, counted once, when the entry was made. `met_at` is set once and for all; a term of destruction that
    runs is met by the destruction itself, whose record is elsewhere."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {
        "rule": "id of a deadline rule",
        "counted_days": "days of the calendar",
        "how": "code",
    }

    entry = models.ForeignKey("consent.LedgerEntry", on_delete=models.PROTECT, related_name="terms")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    rule = models.TextField(_("rule"))
    started_at = models.DateTimeField(_("started"))
    due_on = models.DateField(pgettext_lazy("term", "due"))
    due_at = models.DateTimeField(pgettext_lazy("term", "due at"))
    target_on = models.DateField(pgettext_lazy("term", "our own target"))
    counted_days = ArrayField(models.DateField(), default=list, verbose_name=_("days counted"))
    provisional = models.BooleanField(_("the due date is provisional"), default=False)
    met_at = models.DateTimeField(pgettext_lazy("term", "met"), null=True, blank=True)
    how = models.TextField(pgettext_lazy("term", "how"), choices=How.choices, blank=True)
    met_by = models.UUIDField(pgettext_lazy("term", "met by"), null=True, blank=True)

    class Meta:
        verbose_name = _("term after an entry of the consent ledger")
        verbose_name_plural = _("terms after entries of the consent ledger")
        ordering = ("due_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["entry", "rule"], name="term_runs_once"),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="term_is_due_after_it_started"),
            models.CheckConstraint(
                condition=Q(met_at=None, how="", met_by=None) | Q(met_at__gte=F("started_at"), how__in=How.values),
                name="term_is_met_somehow",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(met_at=None), name="term_running_by_due")]

    def __str__(self) -> str:
        return f"{self.rule} {self.entry_id}"

    @property
    def is_running(self) -> bool:
        return self.met_at is None
