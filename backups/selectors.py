"""How old the newest backup and drill are, for the desk and for whoever watches the portal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backups import databases, drills
from backups.models import Backup, Drill
from personal_data.models import KeyEpoch

#: a backup a day; one that is missed is no alarm yet
BACKUP_LATE_AFTER: Final = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """None where there never was one. Ages are whole days."""

    is_set_up: bool
    backup: Backup | None
    drill: Drill | None
    epoch: KeyEpoch | None
    backup_is_late: bool
    drill_is_late: bool
    backup_age: int | None
    drill_age: int | None

    @property
    def is_well(self) -> bool:
        return not (self.backup_is_late or self.drill_is_late)


def standing(at: datetime) -> Standing:
    backup = Backup.objects.filter(removed_at=None).order_by("-made_at").first()
    drill = Drill.objects.order_by("-started_at").first()
    return Standing(
        is_set_up=bool(databases.url(databases.BACKUP)),
        backup=backup,
        drill=drill,
        epoch=KeyEpoch.objects.order_by("-number").first(),
        backup_is_late=backup is None or backup.made_at <= at - BACKUP_LATE_AFTER,
        drill_is_late=drill is None or not drill.is_sound or drill.started_at <= at - drills.LATE_AFTER,
        backup_age=(at - backup.made_at).days if backup else None,
        drill_age=drill.age_in_days(at) if drill else None,
    )
