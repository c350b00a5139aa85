"""Subscriptions: from when to when a person may use the service. Payments come later."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from personal_data.models import Subject


class SubscriptionState(models.TextChoices):
    AHEAD = "ahead", _("not started yet")
    ACTIVE = "active", _("active")
    ENDED = "ended", _("ended")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def to_be_ended(self, today: date) -> "SubscriptionQuerySet":
        """Over, and nobody has drawn the consequences yet."""
        return self.filter(ended_at=None, ends_on__lt=today)


class Subscription(models.Model):
    """One a person. `ends_on` is its last day, by the operator's zone; `ended_at` is set when that day is over and the
    clock towards destruction runs. It goes with its person: without payments no law asks to keep it."""

    ON_DESTRUCTION: ClassVar[str] = "delete"

    subject = models.OneToOneField(
        Subject, on_delete=models.PROTECT, related_name="subscription", verbose_name=_("person")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="subscription_ends_after_it_starts")
        ]
        indexes = [models.Index(fields=["ends_on"], name="subscription_to_be_ended", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return str(self.subject_id)

    def state(self, today: date) -> SubscriptionState:
        if self.ended_at or self.ends_on < today:
            return SubscriptionState.ENDED
        return SubscriptionState.AHEAD if today < self.starts_on else SubscriptionState.ACTIVE
