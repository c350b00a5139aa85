"""A backup and a drill as the desk shows them; nothing lies on disk."""

import secrets
from datetime import datetime

from backups.models import Backup, Drill
from law import clock


def make_backup(*, made_at: datetime | None = None) -> Backup:
    return Backup.objects.create(
        name=f"20261122T100000Z-{secrets.token_hex(3)}", made_at=made_at or clock.now(), seconds=1.5, size=1_234_567,
        people=7, epoch=1, folder="/var/backups/portal",
    )  # fmt: skip


def make_drill(*, started_at: datetime | None = None, trouble: str = "") -> Drill:
    return Drill.objects.create(
        backup="20261122T100000Z-000000", started_at=started_at or clock.now(), seconds=12.5, is_sound=not trouble,
        people=7, rows=900, replayed=1, opened=40, trouble=trouble,
    )  # fmt: skip
