"""What runs by the clock."""

from celery import shared_task

from law import clock
from systems import services


@shared_task
def forget_old_counts() -> None:
    services.forget_old_counts(at=clock.now())
