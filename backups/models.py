"""What is known of backups and drills. The backups' own manifests are the truth; these rows are for looking at."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Backup(models.Model):
    """`size` is in bytes. The vault's part goes first: it lives no longer than the epoch of its keys."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"name": "moment and a random number", "folder": "a folder of the operator"}

    name = models.TextField(_("backup"), unique=True)
    made_at = models.DateTimeField(_("made"))
    seconds = models.FloatField(_("seconds it took"))
    size = models.BigIntegerField(_("bytes"))
    people = models.PositiveIntegerField(_("people and tombstones"))
    epoch = models.PositiveSmallIntegerField(_("epoch of the keys"))
    folder = models.TextField(_("folder"))
    vault_removed_at = models.DateTimeField(_("keys’ part removed"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        indexes = [models.Index(fields=["made_at"], name="backup_by_time")]

    def __str__(self) -> str:
        return self.name


class Drill(models.Model):
    """A backup that was restored beside the live data, to see that it can be. `replayed` people were in the backup and
    in the ledger of destructions: in a real restore they would have been destroyed again before anybody was served."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "backup": "moment and a random number",
        "trouble": "one of our own messages",
    }

    backup = models.TextField(_("backup"))
    started_at = models.DateTimeField(_("started"))
    seconds = models.FloatField(_("seconds it took"))
    is_sound = models.BooleanField(_("restored soundly"))
    people = models.PositiveIntegerField(_("people and tombstones"), default=0)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    replayed = models.PositiveIntegerField(_("people destroyed again"), default=0)
    opened = models.PositiveIntegerField(_("values opened as a sample"), default=0)
    trouble = models.TextField(_("trouble"), blank=True)

    class Meta:
        verbose_name = _("drill of restoring")
        verbose_name_plural = _("drills of restoring")
        indexes = [models.Index(fields=["started_at"], name="drill_by_time")]

    def __str__(self) -> str:
        return f"{self.backup} {self.started_at:%Y-%m-%d}"

    def age_in_days(self, at: datetime) -> int:
        return (at - self.started_at).days
