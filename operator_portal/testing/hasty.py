"""The Celery app with a timetable for the impatient: `celery -A operator_portal.testing.hasty beat`."""

from datetime import timedelta

from operator_portal.celery import TIMETABLE, app

__all__ = ["app"]

app.conf.beat_schedule = {name: {**entry, "schedule": timedelta(seconds=1)} for name, entry in TIMETABLE.items()}
