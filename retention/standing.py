"""The retention rules that are in force, version by version. A profile that says something else changes nothing until
the change was looked at, confirmed by another person and carried out: changing.py."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class RuleVersion(models.Model):
    """The rules of a profile as they were previewed. `in_force_at` is empty until the change was carried out; the rules
    in force are those of the greatest number that has one."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"rules": "the operator's own rules", "sha256": "hash", "preview": "counts"}

    number = models.PositiveIntegerField(_("version"), unique=True)
    sha256 = models.TextField(_("hash of the rules"))
    rules = models.JSONField(_("rules"))
    preview = models.JSONField(_("what would change"))
    previewed_at = models.DateTimeField(_("previewed"))
    previewed_by = models.UUIDField(_("previewed by"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.UUIDField(_("confirmed by"), null=True, blank=True)
    in_force_at = models.DateTimeField(_("in force since"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of the retention rules")
        verbose_name_plural = _("versions of the retention rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(in_force_at=None) | Q(confirmed_at__isnull=False) | Q(number=1),
                name="rule_version_is_confirmed_before_it_is_in_force",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | (Q(previewed_by__isnull=False) & ~Q(confirmed_by=F("previewed_by"))),
                name="rule_version_is_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__gte=F("previewed_at")),
                name="rule_version_says_who_confirmed_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"
