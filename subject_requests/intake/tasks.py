import logging
from typing import Final

from celery import shared_task
from django.core.cache import cache

from subject_requests.intake import polling
from subject_requests.intake.imap import NotReached

logger = logging.getLogger(__name__)

_BUSY: Final = "intake:polling"
_AT_MOST: Final = 300


@shared_task
def poll_mailbox() -> None:
    """Two that look at once would do no harm; one is enough."""
    place = polling.place()
    if place is None or not cache.add(_BUSY, 1, _AT_MOST):
        return
    try:
        polling.poll(place)
    except NotReached as error:
        logger.warning("the mailbox of the intake was not reached: %s", error)
    finally:
        cache.delete(_BUSY)
