from celery import shared_task

from law import clock
from processing_log.actors import Actor
from subject_requests import clocks, parts_gone, reminders


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


@shared_task
def finish_parts() -> int:
    """Requests about parts that waited for a hold, a second person or their day, and are destroyed now."""
    return parts_gone.finish(clock.now()) + parts_gone.meet_of_the_gone()
