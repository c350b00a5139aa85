"""How long backups are kept: data by the operator's profile, keys no longer than the epoch they are wrapped under."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import connection
from django.db.models import Q

import profiles
from backups.models import Backup
from backups.stream import DATA, VAULT
from personal_data.models import KeyEpoch

BACKUP_EVERY: Final = timedelta(days=1)
#: of the keys' part; the newest stays until its epoch ends
VAULT_LIFE: Final = timedelta(days=7)


def is_due(at: datetime) -> bool:
    return not Backup.objects.filter(made_at__gt=at - BACKUP_EVERY).exists()


def remove_old(at: datetime) -> int:
    """How many parts went."""
    newest = Backup.objects.order_by("-made_at").values("pk")[:1]
    over = list(KeyEpoch.objects.filter(destroyed_at__isnull=False).values_list("number", flat=True))
    keys = Backup.objects.filter(vault_removed_at=None).filter(
        Q(epoch__in=over) | (Q(made_at__lte=at - VAULT_LIFE) & ~Q(pk__in=newest))
    )
    for one in keys:
        _remove(Path(one.folder) / VAULT / one.name)
    gone = keys.update(vault_removed_at=at)
    life = timedelta(days=profiles.current().backup_days)
    data = Backup.objects.filter(removed_at=None, made_at__lte=at - life)
    for one in data:
        _remove(Path(one.folder) / DATA / one.name)
    return gone + data.update(removed_at=at)


def _remove(folder: Path) -> None:
    if folder.exists():
        going = folder.with_name(f".{folder.name}")
        folder.rename(going)  # never half of one under its name
        shutil.rmtree(going)


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else makes or tries a backup now: a task that lasts is given to a second worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('backups'))")
        (is_mine,) = cursor.fetchone() or (False,)
        try:
            yield bool(is_mine)
        finally:
            if is_mine:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('backups'))")
