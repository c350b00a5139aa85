"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    BACKUP_MADE = "backup_made", _("A backup was made")
    BACKUP_RESTORED = "backup_restored", _("A backup was restored and the ledger of destructions replayed")
    BACKUP_DRILLED = "backup_drilled", _("A backup was restored beside the live data, as a drill")
