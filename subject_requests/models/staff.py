"""Who is away and who stands in, and the private calendar of a member of staff."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: date) -> "AbsenceQuerySet":
        return self.filter(cancelled_at=None, from_on__lte=day, until_on__gte=day)


class Absence(models.Model):
    """Days on which somebody is away and a deputy has their requests in hand. Accounts by their ids."""

    absentee = models.UUIDField(pgettext_lazy("absence", "who is away"))
    deputy = models.UUIDField(pgettext_lazy("absence", "who stands in"))
    from_on = models.DateField(pgettext_lazy("absence", "from"))
    until_on = models.DateField(pgettext_lazy("absence", "until"))
    entered_by = models.UUIDField()
    entered_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("absence", "absence")
        verbose_name_plural = pgettext_lazy("absence", "absences")
        ordering = ("-from_on",)
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="absence_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(deputy=F("absentee")), name="absence_deputy_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} – {self.until_on}"


class CalendarFeed(models.Model):
    """The secret address of somebody's calendar of due dates; the digest of its code. A new one ends the old."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"code_digest": "SHA-256 of a random code"}

    user = models.UUIDField(unique=True)
    code_digest = models.BinaryField(unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user)


class Digest(models.Model):
    """That a member of staff was sent the day's digest: once a day, however often it is tried."""

    user = models.UUIDField()
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return self.day.isoformat()
