"""Other systems of the operator: the keys they ask with, and how much they ask. Nothing here names a person."""

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class KeyState(models.TextChoices):
    VALID = "valid", pgettext_lazy("key", "valid")
    EXPIRED = "expired", pgettext_lazy("key", "expired")
    REVOKED = "revoked", pgettext_lazy("key", "revoked")


class SystemKey(models.Model):
    """`digest` is a keyed hash; the key itself is shown once and kept nowhere."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "name": "code of a system",
        "digest": "keyed hash of a random key",
        "purposes": "codes of purposes",
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.SlugField(_("system"), max_length=40)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    purposes = ArrayField(models.TextField(), verbose_name=_("purposes it may ask about"))
    per_minute = models.PositiveIntegerField(_("questions a minute"))
    created_at = models.DateTimeField(pgettext_lazy("key", "made"))
    expires_at = models.DateTimeField(pgettext_lazy("key", "valid until"))
    revoked_at = models.DateTimeField(pgettext_lazy("key", "revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("key of another system")
        verbose_name_plural = _("keys of other systems")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(revoked_at=None), name="system_key_one_a_system_unless_revoked"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="system_key_expires_after_it_is_made"
            ),
            models.CheckConstraint(condition=Q(purposes__len__gt=0), name="system_key_is_for_some_purpose"),
            models.CheckConstraint(condition=Q(per_minute__gt=0), name="system_key_may_ask"),
        ]
        ordering = ("name", "created_at")

    def __str__(self) -> str:
        return self.name

    def state(self, at: datetime) -> KeyState:
        if self.revoked_at:
            return KeyState.REVOKED
        return KeyState.VALID if at < self.expires_at else KeyState.EXPIRED


class AskedMinute(models.Model):
    """How many questions were asked with a key in one minute; about whom is written down nowhere."""

    key = models.ForeignKey(SystemKey, on_delete=models.PROTECT, related_name="minutes")
    minute = models.DateTimeField()
    asked = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("questions of a minute")
        verbose_name_plural = _("questions by minute")
        constraints = [models.UniqueConstraint(fields=["key", "minute"], name="asked_minute_once_a_key")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.minute:%Y-%m-%d %H:%M}"
