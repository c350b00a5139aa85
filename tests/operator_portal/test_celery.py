import base64
import json

import pytest
from celery import shared_task
from django.conf import settings

from operator_portal import broker
from operator_portal.celery import TIMETABLE, app
from operator_portal.testing.running import RunningPortal

NOBODY_LISTENS = "canaries"


@shared_task
def whisper(word: str) -> None: ...


def test_every_line_of_the_timetable_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()

    assert {str(entry["task"]) for entry in TIMETABLE.values()} <= set(app.tasks)


def test_no_line_of_the_timetable_carries_arguments() -> None:
    assert [name for name, entry in TIMETABLE.items() if entry.keys() & {"args", "kwargs"}] == []


def test_a_message_holds_its_arguments_once() -> None:
    whisper.apply_async(("canary-4711",), queue=NOBODY_LISTENS)
    with broker.client() as client:
        raw = client.lindex(NOBODY_LISTENS, 0)
    assert isinstance(raw, bytes)
    message = json.loads(raw)

    assert json.loads(base64.b64decode(message["body"]))[0] == ["canary-4711"]
    assert "canary" not in json.dumps(message["headers"])


@pytest.mark.django_db(transaction=True)
def test_hurrying_work_never_fails_because_the_broker_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: object, **options: object) -> None:
        raise whisper.OperationalError

    monkeypatch.setattr(whisper, "delay", away)

    whisper.delay_on_commit("canary-4711")  # type: ignore[attr-defined]  # celery-types do not know our task class

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "canary" not in caplog.text


def test_a_task_ends_before_its_message_is_given_to_another_worker() -> None:
    soft, hard = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT

    assert soft < hard < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1


def test_worker_and_beat_of_a_running_portal_do_the_timetable(running_portal: RunningPortal) -> None:
    running_portal.start_beat()

    assert running_portal.wait_for_log("worker", "processing_log.tasks.make_log_partitions")
    assert "superuser privileges" not in running_portal.log("worker").read_text()
