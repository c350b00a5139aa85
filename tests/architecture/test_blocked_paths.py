"""Whose data is blocked is left alone on every path that the code has: addresses, tasks and commands, as they are found
in the code. What may go on is what the profile says works on blocked data."""

import inspect
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.core.management import BaseCommand, CommandError, call_command, get_commands, load_command_class
from django.db import transaction
from django.test import Client

from accounts.models import ResetRequest
from law import clock
from notifications.models import OutgoingMail
from operator_portal.celery import app
from operator_portal.embedded.home import ROOT
from personal_data.errors import Blocked
from personal_data.models import Subject
from processing_log.models import Event
from profiles import current
from subject_requests.models import AnswerSet
from tests.architecture.forms import Form, forms_in
from tests.architecture.routes import path_to, routes
from tests.architecture.stage import OWNER, Stage, set_up
from tests.factories.systems import system_of_all_purposes

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


def visit(stage: Stage, who: str, method: str, path: str, blocked: Subject) -> tuple[Any, list[tuple[str, str]]]:
    since = last_event()
    answer = getattr(stage.client(who), method)(path)
    return answer, done_to(blocked, since)


def press(stage: Stage, who: str, form: Form, page: str, blocked: Subject) -> tuple[Any, list[tuple[str, str]]]:
    since = last_event()
    answer = stage.client(who).post(form.action or page, form.filled)
    return answer, done_to(blocked, since)


@pytest.mark.parametrize("who", VISITORS)
def test_no_address_and_no_button_on_its_page_does_anything_with_blocked_data(stage, blocked, who):
    """Forms are filled in as somebody would who wants to get through."""
    wrong = []
    for route in routes():
        path = path_to(route, stage.things)
        acts = [("post", partial(visit, stage, who, "post", path, blocked))]
        answer, done = at_a_savepoint(partial(visit, stage, who, "get", path, blocked))
        tried = [("get", answer.status_code, done)]
        acts += [(form.action or "form", partial(press, stage, who, form, path, blocked)) for form in forms_in(answer)]
        for name, act in acts:
            answer, done = at_a_savepoint(act)
            tried.append((name, answer.status_code, done))
        wrong += [(route, name, status, done) for name, status, done in tried if done or status == 500]

    assert wrong == []


def test_no_address_for_other_systems_does_anything_with_blocked_data(stage, blocked):
    """Asked with a key for every purpose, about the person, in the words of each address."""
    client = Client(
        headers={"Authorization": f"Bearer {system_of_all_purposes().secret}"}, raise_request_exception=False
    )
    addresses = [path_to(route, stage.things) for route in routes() if route.startswith("api/v1/")]
    since, answered = last_event(), []
    for path in addresses:
        for purpose in current().purposes:
            body = {"subject": str(blocked.pk), "purpose": purpose, "kinds": ["access"], "text": "Прошу"}
            answers = [client.get(path), client.post(path, body, content_type="application/json")]
            answered += [(path, answer.status_code) for answer in answers]

    assert [place for place, status in answered if status == 500] == []
    assert {200, 201} & {status for _place, status in answered}
    assert done_to(blocked, since) == []


def test_no_task_does_anything_with_blocked_data(stage, blocked):
    app.loader.import_default_modules()
    since = last_event()

    for name, task in sorted(current_app.tasks.items()):
        if name.partition(".")[0] in settings.ROOMS:
            _run(task, stage)

    assert done_to(blocked, since) == []


def _run(task: Any, stage: Stage) -> None:
    """One that finds its own work is run; one that is given an id is given each that concerns the person. A task that
    is given anything else fails here: say what."""
    needed = [each for each in inspect.signature(task.run).parameters.values() if each.default is each.empty]
    if not needed:
        task.run()
        return
    (argument,) = needed
    for value in THINGS_OF_TASKS[argument.name](stage.things):
        with suppress(Blocked, ObjectDoesNotExist):
            at_a_savepoint(partial(task.run, str(value)))


#: What a task is given, by the name of its argument.
THINGS_OF_TASKS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "mail_id": lambda things: OutgoingMail.objects.filter(subject=things["subject_id"]).values_list("pk", flat=True),
    "export_id": lambda things: [things["export_id"]],
    "answer_id": lambda things: AnswerSet.objects.filter(subject=things["subject_id"]).values_list("pk", flat=True),
    "request_id": lambda things: ResetRequest.objects.values_list("pk", flat=True),
}


def test_no_command_does_anything_with_blocked_data(stage, blocked, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    since, tried = last_event(), []
    for name, room in sorted(get_commands().items()):
        if name not in WHOLE_PORTAL and room in settings.ROOMS:
            tried.append(name)
            command = load_command_class(room, name)
            at_a_savepoint(partial(_call, command, _arguments(name, command, stage, tmp_path)))

    assert "destroy_due" in tried
    assert done_to(blocked, since) == []


def _arguments(name: str, command: BaseCommand, stage: Stage, folder: Path) -> list[str]:
    """One that needs arguments, and of which nobody says here which, fails: say them."""
    needed = any(action.required for action in command.create_parser("manage.py", "")._actions)
    if not needed:
        return []
    said = {
        "apply_profile": ["loyal_club"],
        "check_policy": [str(ROOT / "profiles" / "loyal_club" / "policy" / "1.ru.md")],
        "close_user": [str(stage.things["user_id"])],
        "cookie_evidence": ["1"],
        "deadline": ["D01", "2026-11-20"],
        "demo_code": ["user@example.org"],
        "export_log": ["--format", "jsonl", "--output", str(folder / "log.jsonl")],
        "export_versions": [str(folder)],
        "scan_for": ["user@example.org"],
        "verify_consents": [str(stage.things["consent_id"])],
        "verify_log": [str(folder)],
        "verify_receipt": [str(folder / "none.json")],
        "witness": ["list"],
    }
    return said[name]


def _call(command: BaseCommand, arguments: list[str]) -> None:
    """One that asks at the terminal gets no answer."""
    with suppress(SystemExit, CommandError, EOFError, OSError):
        call_command(command, *arguments)
