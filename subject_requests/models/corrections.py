"""What a person wants corrected, and who of those who received the data has to be told."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from personal_data.fields import SealedTextField
from personal_data.models import PersonalModel, Subject
from subject_requests.models.requests import EVIDENCE, Request


class Correction(PersonalModel):
    """One value that is to be put in the place of another. Goes with its subject; that it was applied stays in the
    log. Where the field needs proof, nothing is applied before somebody has seen one."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"field": "code of a field of the profile"}
    COPY_OF = "field"

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="corrections")
    field = models.TextField(pgettext_lazy("correction", "field"))
    value = SealedTextField(pgettext_lazy("correction", "new value"), category="request")
    needs_proof = models.BooleanField(default=False)
    proof_seen_at = models.DateTimeField(null=True, blank=True)
    proof_seen_by = models.UUIDField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.UUIDField(null=True, blank=True)

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("correction", "correction")
        constraints = [
            models.UniqueConstraint(fields=["request", "field"], name="correction_once_a_field"),
            models.CheckConstraint(
                condition=Q(proof_seen_at=None, proof_seen_by=None)
                | Q(proof_seen_at__isnull=False, proof_seen_by__isnull=False),
                name="correction_proof_seen_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(applied_at=None, applied_by=None)
                | Q(applied_at__isnull=False, applied_by__isnull=False, needs_proof=False)
                | Q(applied_at__gte=F("proof_seen_at"), applied_by__isnull=False),
                name="correction_applied_after_its_proof",
            ),
        ]


class RecipientNotice(models.Model):
    """Somebody outside who holds the data must hear of what became of it (article 20, part 3)."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"recipient": "code of a recipient"}
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="recipient_notices")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    recipient = models.TextField()
    owed_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("request", "notice to a recipient")
        verbose_name_plural = pgettext_lazy("request", "notices to recipients")
        ordering = ("recipient",)
        constraints = [
            models.UniqueConstraint(fields=["request", "recipient"], name="recipient_notice_once"),
            models.CheckConstraint(
                condition=Q(told_at=None, told_by=None) | Q(told_at__gte=F("owed_at"), told_by__isnull=False),
                name="recipient_notice_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.request_id}"
