"""What runs by the clock."""

from typing import Final

from celery import shared_task

from law import clock
from personal_data import rotation
from personal_data.sweeping import sweep_files

#: less than a task may take; the next one goes on
ROTATION_SECONDS: Final = 180


@shared_task
def sweep_orphaned_files() -> None:
    sweep_files()


@shared_task
def rotate_keys() -> dict[str, int]:
    """Opens an epoch when the last one is old enough, and goes on with a rotation that was begun."""
    outcome = rotation.rotate(clock.now(), seconds=ROTATION_SECONDS)
    return {"rewrapped": outcome.rewrapped, "failed": outcome.failed, "left": outcome.left}
