"""Whose data is blocked is left alone on every path that the code has: addresses, tasks and commands, as they are found
in the code. What may go on is what the profile says works on blocked data."""

import inspect
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.management import BaseCommand, CommandError, call_command, get_commands, load_command_class
from django.db import transaction

from law import clock
from notifications.models import OutgoingMail
from operator_portal.celery import app
from personal_data.models import Subject
from processing_log.models import Event
from profiles import current
from tests.architecture.routes import path_to, routes
from tests.architecture.stage import OWNER, Stage, set_up

pytestmark = pytest.mark.django_db

#: Whoever may see anything of a person: they themselves, the desk's widest role, the auditor.
VISITORS: Final = (OWNER, "officer", "auditor")
#: Commands that start, stop, make or measure a whole portal, or ask for files: not paths to one person's data.
WHOLE_PORTAL: Final = frozenset({"up", "services", "demo", "migrate", "prepare", "backup", "restore", "rotate_keys"})


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any, slot_database: Any) -> Iterator[Stage]:
    with set_up(slot_database, django_db_blocker) as found:
        yield found


@pytest.fixture
def blocked(stage: Stage) -> Subject:
    cache.clear()
    subject = Subject.objects.get(pk=stage.things["subject_id"])
    assert subject.block(at=clock.now())
    return subject


def done_to(subject: Subject, since: int) -> list[tuple[str, str]]:
    """What was done with the blocked data for purposes that must stop. That it was refused is no such thing."""
    forbidden = [purpose.code for purpose in current().purposes.values() if not purpose.works_on_blocked]
    events = Event.objects.filter(subject=subject.pk, id__gt=since, purpose__in=forbidden).exclude(operation="")
    return list(events.exclude(fact__startswith="refused").values_list("operation", "purpose"))


def last_event() -> int:
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def at_a_savepoint(act: Callable[[], Any]) -> Any:
    before = transaction.savepoint()
    try:
        return act()
    finally:
        transaction.savepoint_rollback(before)


def visit(stage: Stage, who: str, method: str, path: str, blocked: Subject) -> tuple[int, list[tuple[str, str]]]:
    since = last_event()
    status = getattr(stage.client(who), method)(path).status_code
    return status, done_to(blocked, since)


@pytest.mark.parametrize("who", VISITORS)
def test_no_address_does_anything_with_blocked_data(stage, blocked, who):
    wrong = []
    for route in routes():
        for method in ("get", "post"):
            status, done = at_a_savepoint(partial(visit, stage, who, method, path_to(route, stage.things), blocked))
            if done or status == 500:
                wrong.append((method, route, status, done))

    assert wrong == []


def test_no_task_does_anything_with_blocked_data(stage, blocked):
    app.loader.import_default_modules()
    mails = list(OutgoingMail.objects.filter(subject=blocked).values_list("pk", flat=True))
    since = last_event()

    for name, task in sorted(current_app.tasks.items()):
        if not name.startswith("celery."):
            _run(task, mails)

    assert done_to(blocked, since) == []


def _run(task: Any, mails: list[Any]) -> None:
    """One that finds its own work is run; one that is given the id of a mail is given each of the person's."""
    needed = [each for each in inspect.signature(task.run).parameters.values() if each.default is each.empty]
    if not needed:
        task.run()
    elif [each.name for each in needed] == ["mail_id"]:
        for mail in mails:
            task.run(str(mail))


def test_no_command_without_arguments_does_anything_with_blocked_data(stage, blocked, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    since, tried = last_event(), []
    for name, room in sorted(get_commands().items()):
        if name not in WHOLE_PORTAL and room in settings.ROOMS and _needs_nothing(load_command_class(room, name)):
            tried.append(name)
            at_a_savepoint(partial(_call, load_command_class(room, name)))

    assert "destroy_due" in tried
    assert done_to(blocked, since) == []


def _needs_nothing(command: BaseCommand) -> bool:
    actions = command.create_parser("manage.py", "")._actions
    return not any(action.required for action in actions)


def _call(command: BaseCommand) -> None:
    """One that asks at the terminal gets no answer."""
    with suppress(SystemExit, CommandError, EOFError):
        call_command(command)
