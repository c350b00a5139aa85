from typing import Final

from celery import shared_task

from backups import databases, drills, keeping, making
from law import clock

#: longer than a message waits to be given to a second worker, who then finds that it is being done
LONGEST_SECONDS: Final = 6 * 3600


@shared_task(soft_time_limit=LONGEST_SECONDS, time_limit=LONGEST_SECONDS + 60)
def back_up() -> None:
    """Makes the day's backup, removes old ones, and once a week restores the newest beside the live data."""
    if not databases.url(databases.BACKUP):
        return
    with keeping.alone() as is_mine:
        if not is_mine:
            return
        if keeping.is_due(clock.now()):
            making.make(making.default_folder(), at=clock.now())
        keeping.remove_old(clock.now())
        if databases.url(databases.DRILL) and drills.is_due(clock.now()):
            drills.drill(making.default_folder(), at=clock.now())
