"""A kind that was read into a message and is none of it: taken off with a reason, in sight of the person."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from personal_data.models import Subject
from subject_requests.kinds import DropReason, RequestKind
from subject_requests.models.requests import EVIDENCE, Request


class DroppedKind(models.Model):
    """Appended, never changed. A trigger lets no kind leave a request without one."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"kind": "code", "reason": "code"}
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="dropped_kinds")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(pgettext_lazy("kind dropped", "kind"), choices=RequestKind.choices)
    reason = models.TextField(pgettext_lazy("kind dropped", "reason"), choices=DropReason.choices)
    dropped_by = models.UUIDField(pgettext_lazy("kind dropped", "dropped by"))
    dropped_at = models.DateTimeField(pgettext_lazy("kind dropped", "dropped"))

    class Meta:
        verbose_name = pgettext_lazy("request", "kind that was dropped")
        verbose_name_plural = pgettext_lazy("request", "kinds that were dropped")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="dropped_kind_is_known"),
            models.CheckConstraint(condition=Q(reason__in=DropReason.values), name="dropped_kind_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.request_id}"
