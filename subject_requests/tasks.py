from celery import shared_task

from law import clock
from processing_log.actors import Actor
from subject_requests import clocks, reminders


@shared_task
def recount_provisional() -> int:
    """When a calendar comes, the terms that ran into its year are counted anew."""
    return clocks.recount_provisional(actor=Actor.system("recount_provisional"))


@shared_task
def escalate() -> int:
    return reminders.escalate(at=clock.now())


@shared_task
def send_digests() -> int:
    return reminders.send_digests(at=clock.now())
