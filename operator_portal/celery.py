"""The Celery app and its timetable.

The broker only hurries: what must happen is a row in the database, and beat finds it. So a task's arguments are ids, a
task can run twice, and a broker that is away costs a minute, never a deadline.
"""

import logging
import os
import warnings
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.exceptions import Ignore, SecurityWarning
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "operator_portal.settings")
# In the embedded portal root may start the worker, with root's own files. Only JSON is accepted, so the danger that
# Celery warns of, code in a message, is not there.
warnings.filterwarnings(
    "ignore", message=r"You're running the worker with superuser privileges", category=SecurityWarning
)

# When what runs. A room adds its line here; a task without arguments that finds its own work in the database.
TIMETABLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "make log partitions ahead": {
        "task": "processing_log.tasks.make_log_partitions",
        "schedule": timedelta(hours=6),
    },
    "take events into the tree of the log": {
        "task": "processing_log.tasks.sequence_log",
        "schedule": timedelta(seconds=5),
    },
    "count the log by day": {
        "task": "processing_log.tasks.tally_log",
        "schedule": timedelta(minutes=1),
    },
    "show the log to its witnesses": {
        "task": "processing_log.tasks.ask_witnesses",
        "schedule": timedelta(minutes=1),
    },
    "look after exports of the log": {
        "task": "processing_log.tasks.look_after_exports",
        "schedule": timedelta(minutes=1),
    },
    "close the seats of auditors whose time is over": {
        "task": "accounts.tasks.close_mandates",
        "schedule": timedelta(minutes=1),
    },
    "mail checkpoints to auditors": {
        "task": "accounts.tasks.mail_checkpoints",
        "schedule": timedelta(minutes=10),
    },
    "send due mail": {
        "task": "notifications.tasks.send_due_mail",
        "schedule": timedelta(minutes=1),
    },
    "answer requests for a new password": {
        "task": "accounts.tasks.answer_reset_requests",
        "schedule": timedelta(minutes=1),
    },
    "end subscriptions that are over": {
        "task": "billing.tasks.end_subscriptions",
        "schedule": timedelta(minutes=1),
    },
    "make answers that wait": {
        "task": "subject_requests.answers.tasks.make_waiting_answers",
        "schedule": timedelta(minutes=1),
    },
    "destroy whoever is due": {
        "task": "retention.tasks.destroy_due",
        "schedule": timedelta(minutes=1),
    },
    "destroy proof that is older than three years": {
        "task": "retention.tasks.forget_old_proof",
        "schedule": timedelta(hours=24),
    },
    "remove months of the log that are past their term": {
        "task": "retention.tasks.remove_old_log",
        "schedule": timedelta(hours=6),
    },
    "write what people said into its ledger": {
        "task": "consent.tasks.write_down_wishes",
        "schedule": timedelta(minutes=1),
    },
    "warn whose data will be destroyed": {
        "task": "accounts.tasks.warn_before_destruction",
        "schedule": timedelta(minutes=10),
    },
    "back up, and try the backup": {
        "task": "backups.tasks.back_up",
        "schedule": timedelta(hours=1),
    },
    "rotate the keys": {
        "task": "personal_data.tasks.rotate_keys",
        "schedule": timedelta(minutes=10),
    },
    "look into the mailbox for requests": {
        "task": "subject_requests.intake.tasks.poll_mailbox",
        "schedule": timedelta(seconds=30),
    },
    "count provisional terms of requests anew": {
        "task": "subject_requests.tasks.recount_provisional",
        "schedule": timedelta(hours=6),
    },
    "tell of requests whose term is about to end": {
        "task": "subject_requests.tasks.escalate",
        "schedule": timedelta(minutes=10),
    },
    "tell whose parts are destroyed": {
        "task": "subject_requests.tasks.finish_parts",
        "schedule": timedelta(minutes=1),
    },
    "send the morning's digest to the desk": {
        "task": "subject_requests.tasks.send_digests",
        "schedule": timedelta(minutes=10),
    },
    "forget old choices of cookies": {
        "task": "cookies.tasks.forget_old_choices",
        "schedule": timedelta(hours=24),
    },
    "forget old counts of questions": {
        "task": "systems.tasks.forget_old_counts",
        "schedule": timedelta(hours=24),
    },
    "remove files whose rows never came": {
        "task": "personal_data.tasks.sweep_orphaned_files",
        "schedule": timedelta(hours=24),
    },
    "clear expired sessions": {
        "task": "accounts.tasks.clear_expired_sessions",
        "schedule": timedelta(hours=24),
    },
}


class PortalTask(DjangoTask[..., Any]):
    """A message holds the arguments once, not a readable second time; and no act fails because the broker is away."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refused until a restore is finished; the timetable asks again."""
        from backups import gate

        if code := gate.reason():
            logger.warning("%s is not done: %s", self.name, code)
            raise Ignore
        return super().__call__(*args, **kwargs)

    def apply_async(self, *args: Any, **options: Any) -> Any:
        return super().apply_async(*args, **{"argsrepr": "", "kwargsrepr": "", **options})

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # nothing, says Celery too
        def hurry() -> None:
            try:
                self.delay(*args, **kwargs)
            except OperationalError:
                logger.warning("broker not reached, %s is left to the timetable", self.name)

        transaction.on_commit(hurry)


app = Celery("operator_portal", task_cls=PortalTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = TIMETABLE
app.autodiscover_tasks()
app.autodiscover_tasks(["subject_requests.answers"])
