"""What stops a destruction: holds on one person, and the question about a run that would take too many."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from personal_data.models import Subject

#: For so long a hold works while nobody else has confirmed it.
UNCONFIRMED: Final = timedelta(days=3)


class Ground(models.TextChoices):
    """By which norm data may, or must, stay although its term is over."""

    COURT = "court", _("a case in court (152-FZ, article 6, part 1, item 3)")
    AUTHORITY = "authority", _("a demand of an authority (152-FZ, article 6, part 1, item 2)")
    ACCOUNTING = "accounting", _("accounting documents (402-FZ, article 29)")
    COMPLAINT = "complaint", _("a complaint is being checked (152-FZ, article 21, parts 1 and 2)")
    IMPOSSIBLE = "impossible", _("destruction is impossible for now (152-FZ, article 21, part 6)")


class Obstacle(models.TextChoices):
    """Why destruction is impossible for now."""

    STORAGE = "storage", _("a storage is out of reach")
    OTHER_SYSTEM = "other_system", _("another system has yet to delete its copy")
    FAULT = "fault", _("a fault of the program is being mended")


class HoldQuerySet(models.QuerySet["Hold"]):
    def in_force(self, at: datetime) -> "HoldQuerySet":
        """Placed by one person it works for three days; confirmed by another, until its end."""
        stands = Q(confirmed_at__isnull=False) | Q(placed_at__gt=at - UNCONFIRMED)
        return self.filter(stands, released_at=None, placed_at__lte=at, until__gt=at)


class Hold(models.Model):
    """Stops the destruction of a person's data until a day, by a norm. Stays as proof of why something was late.

    With the ground `impossible` (D15) the data is blocked besides, and `limit_at`, six months from the event that
    started the term, is the latest end."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"ground": "code", "obstacle": "code"}
    ON_DESTRUCTION = "keep"
    KEEP_REASON = "proof of why data was not destroyed earlier: codes and dates"

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    ground = models.TextField(_("by which norm"), choices=Ground.choices)
    obstacle = models.TextField(_("what stands in the way"), choices=Obstacle.choices, blank=True)
    until = models.DateTimeField(_("until"))
    limit_at = models.DateTimeField(null=True, blank=True)
    may_tell = models.BooleanField(_("the person is told"), default=True)
    placed_at = models.DateTimeField(_("placed"))
    placed_by = models.UUIDField(_("placed by"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.UUIDField(_("confirmed by"), null=True, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.UUIDField(_("released by"), null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold on destruction")
        verbose_name_plural = _("holds on destruction")
        constraints = [
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="hold_ground_is_known"),
            models.CheckConstraint(condition=Q(until__gt=F("placed_at")), name="hold_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (Q(confirmed_at__gte=F("placed_at")) & ~Q(confirmed_by=F("placed_by"))),
                name="hold_is_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(ground="impossible") | Q(limit_at__gte=F("until"), obstacle__in=Obstacle.values),
                name="hold_of_the_impossible_has_a_reason_and_a_limit",
            ),
            models.UniqueConstraint(
                fields=["subject", "ground"], condition=Q(released_at=None), name="hold_stands_once_by_a_norm"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ground} {self.subject_id}"

    def ends_at(self) -> datetime:
        """When it stops working, or stopped."""
        ends = [self.until, self.released_at or self.until]
        return min(ends if self.confirmed_at else [*ends, self.placed_at + UNCONFIRMED])

    def is_in_force(self, at: datetime) -> bool:
        return self.placed_at <= at < self.ends_at()


class MassRun(models.Model):
    """A run that would destroy more people at once than is usual waits here until two people agree."""

    asked_at = models.DateTimeField(_("asked"))
    found = models.PositiveIntegerField(_("people due"))
    living = models.PositiveIntegerField(_("people in the portal"))
    first_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    first_by = models.UUIDField(_("agreed by"), null=True, blank=True)
    second_at = models.DateTimeField(_("agreed by a second person"), null=True, blank=True)
    second_by = models.UUIDField(_("second person"), null=True, blank=True)

    class Meta:
        verbose_name = _("large run that waits for two people")
        verbose_name_plural = _("large runs that wait for two people")
        constraints = [
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None) | (Q(first_by__isnull=False) & ~Q(second_by=F("first_by"))),
                name="mass_run_needs_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.found} of {self.living}"

    @property
    def is_agreed(self) -> bool:
        return self.second_at is not None
