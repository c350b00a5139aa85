"""What the law room keeps: days that the published calendar has wrong, and how far the demo's clock is ahead."""

from datetime import timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

FURTHEST_SHIFT: Final = timedelta(days=3650)


class CalendarDayOverride(models.Model):
    """One day on which the operator follows something else than the built-in production calendar: a decree that came
    later, a presidential non-working day, a regional holiday. It wins over the library."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"source": "name and number of the act that moved the day"}

    date = models.DateField(_("date"), unique=True)
    working = models.BooleanField(_("is a working day"))
    source = models.TextField(_("by which act"))

    class Meta:
        verbose_name = _("day of the calendar")
        verbose_name_plural = _("days of the calendar")
        constraints = [models.CheckConstraint(condition=~Q(source=""), name="calendar_day_override_names_its_source")]

    def __str__(self) -> str:
        return self.date.isoformat()


class ClockShift(models.Model):
    """The demo's clock: one row at most, none in a portal that serves real people (see clock_installation)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    shift = models.DurationField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="clock_shift_is_one_row"),
            models.CheckConstraint(
                condition=Q(shift__gte=timedelta(0)) & Q(shift__lte=FURTHEST_SHIFT),
                name="clock_shift_is_forward_and_not_too_far",
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.shift}"
