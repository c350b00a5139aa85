"""The terms of the law that a request has started, each by one rule in the version of that day."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from law.rules import DeadlineRule, rule_on
from law.rules.shape import cited
from personal_data.models import Subject
from subject_requests.kinds import Met, RequestKind
from subject_requests.models.requests import EVIDENCE, Request


class RequestClockQuerySet(models.QuerySet["RequestClock"]):
    def running(self) -> "RequestClockQuerySet":
        """Not met. The death of the data ends every clock that ran towards it."""
        return self.filter(met_at=None, subject__destroyed_at=None)

    def overdue(self, at: datetime) -> "RequestClockQuerySet":
        return self.running().filter(due_at__lt=at)


class RequestClock(models.Model):
    """A term, counted once, when the request was received: nothing stops it but what it demands. It moves twice at
    most: by the one extension of the law, and when the calendar of a year that was not decreed comes.

    `extension` is by how many days of the rule's unit it may be made longer (0: not at all), `notice` the message by
    which the person was told so, with the reasons. A trigger holds all of that."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "kind": "code",
        "rule": "id of a deadline rule",
        "article": "article of a law",
        "counted_days": "days of the calendar",
        "how": "code",
    }
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="clocks")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(choices=RequestKind.choices)
    rule = models.TextField(pgettext_lazy("request", "deadline rule"))
    rule_since = models.DateField(pgettext_lazy("request", "version of the rule since"))
    article = models.TextField(pgettext_lazy("request", "article"))
    started_at = models.DateTimeField(pgettext_lazy("request", "started"))
    due_on = models.DateField(pgettext_lazy("request", "due"))
    due_at = models.DateTimeField(pgettext_lazy("request", "due at"))
    target_on = models.DateField(pgettext_lazy("request", "our own target"))
    counted_days = ArrayField(models.DateField(), default=list, verbose_name=pgettext_lazy("request", "days counted"))
    provisional = models.BooleanField(_("the due date is provisional"), default=False)
    extension = models.PositiveSmallIntegerField(default=0)
    extended_at = models.DateTimeField(pgettext_lazy("request", "made longer"), null=True, blank=True)
    extended_by = models.UUIDField(null=True, blank=True)
    notice = models.UUIDField(pgettext_lazy("request", "notice to the person"), null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    met_at = models.DateTimeField(pgettext_lazy("request", "met"), null=True, blank=True)
    how = models.TextField(pgettext_lazy("request", "how"), choices=Met.choices, blank=True)

    objects = RequestClockQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("request", "clock of a request")
        verbose_name_plural = pgettext_lazy("request", "clocks of requests")
        ordering = ("due_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["request", "rule"], name="request_clock_runs_once"),
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="request_clock_kind_is_known"),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="request_clock_due_after_start"),
            models.CheckConstraint(condition=Q(target_on__lte=F("due_on")), name="request_clock_target_not_after_due"),
            models.CheckConstraint(
                condition=Q(met_at=None, how="") | Q(met_at__gte=F("started_at"), how__in=Met.values),
                name="request_clock_met_somehow",
            ),
            models.CheckConstraint(
                condition=Q(extended_at=None, extended_by=None, notice=None)
                | Q(extended_at__gte=F("started_at"), extended_by__isnull=False, notice__isnull=False),
                name="request_clock_extended_with_a_notice",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(met_at=None), name="request_clock_running_by_due"),
            models.Index(fields=["id"], condition=Q(met_at=None, provisional=True), name="request_clock_provisional"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.request_id}"

    @property
    def law(self) -> DeadlineRule:
        """The rule in the version it was counted by."""
        return rule_on(self.rule, self.rule_since)

    @property
    def citation(self) -> str:
        """The article, in the language that is active."""
        return cited(self.article, get_language() or "")

    @property
    def is_running(self) -> bool:
        return self.met_at is None

    @property
    def is_extended(self) -> bool:
        return self.extended_at is not None

    def is_late(self, at: datetime) -> bool:
        return (self.met_at or at) > self.due_at

    def may_be_extended(self, at: datetime) -> bool:
        """Once, before it ends, where the law allows it."""
        return bool(self.extension) and self.is_running and not self.is_extended and at <= self.due_at
