"""What runs by the clock."""

from celery import shared_task

from personal_data.sweeping import sweep_files


@shared_task
def sweep_orphaned_files() -> None:
    sweep_files()
