from celery import shared_task

from cookies.services import forget_choices_past_their_term
from law import clock


@shared_task
def forget_old_choices() -> int:
    """Finds its work in the database: can be lost, repeated, or run twice at once."""
    return forget_choices_past_their_term(clock.now())
