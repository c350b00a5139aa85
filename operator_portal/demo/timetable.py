"""After the demo's clock has moved nobody wants to wait for beat: what it does every minute is asked for at once."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def hurry() -> None:
    """Sends every task of the timetable once. Without a broker beat finds the work in the database later."""
    for entry in current_app.conf.beat_schedule.values():
        try:
            current_app.send_task(entry["task"])
        except OperationalError:
            logger.warning("The broker does not answer; beat will do the work")
            return
