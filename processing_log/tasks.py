from celery import shared_task

from law import clock
from processing_log import partitions


@shared_task
def make_log_partitions() -> int:
    return partitions.make_partitions(first=clock.now().date())
