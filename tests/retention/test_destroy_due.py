"""The command, the task and the monitor."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from retention import destruction, erasure, monitor, remainders, tasks
from retention.erasure import LeftBehind
from retention.models import Destruction
from tests.factories.retention import DUE, ENDED, LATE, make_clock, make_modest_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_the_day() -> Any:
    with time_machine.travel(DUE + timedelta(hours=1), tick=True):
        yield


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("destroy_due", *arguments)
    return capsys.readouterr().out


def test_destroy_due_says_that_nobody_is_due(capsys: pytest.CaptureFixture[str], on_the_day: None) -> None:
    assert run(capsys).strip() == "Срок ни у кого не наступил."


def test_destroy_due_reports_as_json_what_the_dry_run_had_counted(
    capsys: pytest.CaptureFixture[str], on_the_day: None
) -> None:
    for _ in range(3):
        make_clock(subject_id=make_modest_person())

    counted = json.loads(run(capsys, "--dry-run", "--json"))
    done = json.loads(run(capsys, "--json", "--batch-size", "2"))

    assert (counted.pop("dry_run"), done.pop("dry_run")) == (True, False)
    assert counted == done
    assert done["by_rule"] == {"subscription_ended": 3}
    assert done["counts"] == {
        "account.EmailAddress": 3,
        "accounts.MailAddress": 3,
        "accounts.Profile": 3,
        "accounts.User": 3,
        "retention.Clock": 3,
    }


def test_destroy_due_reports_in_words(capsys: pytest.CaptureFixture[str], on_the_day: None) -> None:
    make_clock()

    assert run(capsys, "--dry-run").splitlines()[:2] == ["Будут уничтожены данные людей: 1", "  subscription_ended: 1"]
    assert run(capsys).splitlines()[0] == "Уничтожены данные людей: 1"


def test_destroy_due_ends_with_status_1_when_somebody_could_not_be_destroyed(
    capsys: pytest.CaptureFixture[str], on_the_day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_clock()
    monkeypatch.setattr(erasure, "ensure_nothing_left", _always_finds_something)

    with pytest.raises(SystemExit) as ended:
        run(capsys)

    assert ended.value.code == 1
    assert "Не удалось уничтожить: 1" in capsys.readouterr().out


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_destroy_due_refuses_a_batch_of_no_size(size: str) -> None:
    with pytest.raises(CommandError, match="не число больше нуля"):
        call_command("destroy_due", f"--batch-size={size}")


def test_task_destroys_whoever_is_due_and_can_run_twice(on_the_day: None) -> None:
    make_clock()

    assert [tasks.destroy_due(), tasks.destroy_due()] == [
        {"destroyed": 1, "failed": 0, "parts": 0, "expired": 0},
        {"destroyed": 0, "failed": 0, "parts": 0, "expired": 0},
    ]


# --- the monitor ------------------------------------------------------------------------------------------------------


def test_monitor_is_quiet_until_the_day_is_over_and_counts_people_after_it() -> None:
    clock = make_clock()
    make_clock(subject_id=clock.subject_id, trigger="account_deleted")
    make_clock(cancelled_at=ENDED + timedelta(days=1))

    assert monitor.overdue_count(LATE - timedelta(seconds=1)) == 0
    found = monitor.lateness(LATE)
    assert (found.overdue, found.overdue_since) == (1, LATE)
    assert not found.is_well


def test_monitor_is_well_again_once_the_job_has_run() -> None:
    make_clock()
    destruction.destroy_due(LATE)

    assert monitor.lateness(LATE).is_well
    assert Destruction.objects.count() == 1


def test_monitor_sees_debts_that_a_killed_run_left(monkeypatch: pytest.MonkeyPatch) -> None:
    make_clock()
    monkeypatch.setattr(remainders, "finish", lambda: None)
    destruction.destroy_due(DUE)

    assert monitor.lateness(DUE).unfinished == 1


def _always_finds_something(subject_ids: Any) -> Any:
    raise LeftBehind("a table")


def test_monitor_shares_no_line_with_the_job() -> None:
    assert not {erasure, destruction} & {value for value in vars(monitor).values() if hasattr(value, "__file__")}
