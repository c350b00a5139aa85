"""Consents that wait for their owner to answer a mail: asked for, and in force only after the answer."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consent.shown import KEPT_AS_PROOF, Served
from personal_data.models import Subject


class Awaited(models.Model):
    """A person pressed the button of a consent that their mailbox has to confirm. Opens nothing. What becomes of it is
    an entry of the ledger, a step "declined", or time."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {"purpose": "code", "link_digest": "SHA-256 of a random-looking code"}

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    link_digest = models.BinaryField(unique=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    purpose = models.TextField()
    served = models.OneToOneField(Served, on_delete=models.PROTECT, related_name="awaited")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    act = models.UUIDField()

    class Meta:
        verbose_name = _("consent that waits for a mail to be answered")
        verbose_name_plural = _("consents that wait for a mail to be answered")
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="awaited_expires_after_it_was")]
        indexes = [models.Index(fields=["subject", "purpose", "-at"], name="awaited_by_subject")]

    def __str__(self) -> str:
        return str(self.id)


class AwaitedStep(models.Model):
    """A mail was sent, or the person changed their mind before answering."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {"kind": "code"}

    class Kind(models.TextChoices):
        SENT = "sent", pgettext_lazy("consent", "mail sent")
        DECLINED = "declined", pgettext_lazy("consent", "declined")

    awaited = models.ForeignKey(Awaited, on_delete=models.PROTECT, related_name="steps")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("step of a consent that waits")
        verbose_name_plural = _("steps of consents that wait")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["sent", "declined"]), name="awaited_step_kind_is_known"),
            models.UniqueConstraint(fields=["awaited"], condition=Q(kind="declined"), name="awaited_declined_once"),
        ]

    def __str__(self) -> str:
        return self.kind
