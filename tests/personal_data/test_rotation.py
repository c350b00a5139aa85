"""A new key-encryption key, while people read and write; afterwards the old one is nowhere."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connections, transaction

from law import clock
from personal_data import keyring, rotation, tasks
from personal_data.errors import EpochIsOver, KeyringFixed, KeyringMismatch
from personal_data.keyring import Keyring
from personal_data.models import KeyEpoch, Subject, SubjectKind
from personal_data.scope import processing
from personal_data.subject_state import label
from processing_log.models import Event
from tests.factories.personal_data import LONG_AGO, make_specimen, make_subject, staff
from tests.specimens.models import Specimen

LONGEST_SECONDS = 5.0
KILLS = int(os.environ.get("PORTAL_KILLS", "25"))
ROOT = Path(__file__).resolve().parents[2]
DAY = timedelta(days=1)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_keyring")]


class Rotating:
    """Rotates in a child of a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def start(self, *, settle: float) -> int:
        assert self.process.stdin
        print(settle, file=self.process.stdin, flush=True)
        return int(self._answer())

    def ended(self) -> int:
        return os.waitstatus_to_exitcode(int(self._answer()))

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()


@contextmanager
def rotating() -> Iterator[Rotating]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.personal_data.rotating"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield Rotating(process)
    finally:
        process.kill()
        process.communicate()


def rotate(**options: Any) -> rotation.Outcome:
    return rotation.rotate(clock.now(), even_if_young=True, **options)


def rotate_and_leave() -> None:
    rotate()
    connections.close_all()


def name_of(specimen: Specimen) -> str | None:
    with processing("rights", actor=staff()):
        name: str | None = Specimen.objects.get(pk=specimen.pk).name
        return name


def epochs_of_living() -> set[int]:
    return set(Subject.objects.filter(destroyed_at=None).values_list("epoch_id", flat=True))


def destroy(subject_id: UUID) -> None:
    Subject.objects.filter(pk=subject_id).update(wrapped_key=None, destroyed_at=clock.now(), open_purposes=[])


def test_beat_opens_an_epoch_only_when_the_last_one_is_29_days_old() -> None:
    make_subject()
    opened_at = KeyEpoch.objects.get().opened_at

    early = rotation.rotate(opened_at + 29 * DAY - timedelta(seconds=1))
    on_time = rotation.rotate(opened_at + 29 * DAY)

    assert (early.opened, on_time.opened) == (None, 2)
    assert tasks.rotate_keys() == {"rewrapped": 0, "failed": 0, "left": 0}


def test_rotate_wraps_the_living_anew_and_destroys_the_old_key(own_keyring: Path) -> None:
    specimens = [make_specimen(name=f"Мария {number}") for number in range(7)]
    destroy(specimens[6].subject_id)

    outcome = rotate(batch_size=3)

    assert (outcome.opened, outcome.rewrapped, outcome.left, outcome.destroyed) == (2, 6, 0, [1])
    assert epochs_of_living() == {2}
    assert Subject.objects.get(pk=specimens[6].subject_id).epoch_id == 1
    assert list(Keyring.from_json(own_keyring.read_text()).epochs) == [2]
    assert [name_of(one) for one in specimens[:6]] == [f"Мария {number}" for number in range(6)]
    facts = Event.objects.filter(fact__startswith="key_epoch").order_by("id").values_list("fact", "reason")
    assert list(facts) == [("key_epoch_opened", "epoch_2"), ("key_epoch_destroyed", "epoch_1")]


def test_rotate_writes_over_the_bytes_of_the_old_key(own_keyring: Path) -> None:
    make_subject()
    key = own_keyring.read_text().split('"1": "')[1][:44]
    with own_keyring.open() as held:  # whoever still holds the old file
        rotate()
        held.seek(0)
        left = held.read()

    assert len(key) == 44
    assert set(left) == {"\0"}
    assert not [path for path in own_keyring.parent.iterdir() if path.is_file() and key in path.read_text()]
    assert own_keyring.stat().st_mode & 0o777 == 0o600


def test_an_old_copy_of_a_wrapped_key_and_todays_keyring_open_nothing() -> None:
    subject = make_subject()
    old = bytes(subject.wrapped_key or b"")
    before = keyring.current()
    rotate()
    ring = keyring.current()

    assert before.unwrap([(old, label(1) + subject.id.bytes)], 1) != [None]  # what it was before the epoch ended
    with pytest.raises(KeyringMismatch):
        ring.unwrap([(old, label(1) + subject.id.bytes)], 1)
    assert ring.unwrap([(old, label(1) + subject.id.bytes)], 2) == [None]
    assert ring.unwrap([(old, label(2) + subject.id.bytes)], 2) == [None]


def test_rotate_leaves_an_epoch_on_which_somebody_held_depends_and_the_next_run_ends_it(
    slot_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "SWEEPS", 2)
    held, free = make_subject(), make_subject()
    with slot_database.superuser() as other:
        other.autocommit = False
        other.execute("SELECT FROM vault.personal_data_subject WHERE id = %s FOR UPDATE", [held.id])
        first = rotate()
    second = rotate()

    assert (first.rewrapped, first.left, first.destroyed) == (1, 1, [])
    assert (second.opened, second.rewrapped, second.left, second.destroyed) == (None, 1, 0, [1])
    assert free.id != held.id


def test_rotate_keeps_the_old_key_while_a_swapped_one_opens_under_none(
    as_superuser: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "SWEEPS", 1)
    swapped, sound = make_subject(), make_subject()
    as_superuser.execute(
        "UPDATE vault.personal_data_subject SET wrapped_key = %s WHERE id = %s", [os.urandom(60), swapped.id]
    )

    outcome = rotate()

    assert (outcome.rewrapped, outcome.failed, outcome.left, outcome.destroyed) == (1, 1, 1, [])
    assert set(keyring.current().epochs) == {1, 2}
    assert sound.id != swapped.id


def test_database_refuses_to_retire_an_epoch_on_which_somebody_living_depends(
    as_superuser: psycopg.Connection[Any],
) -> None:
    make_subject()
    rotation._open(clock.now())

    with pytest.raises(psycopg.errors.CheckViolation, match="keys of the living"):
        as_superuser.execute("UPDATE vault.personal_data_keyepoch SET retired_at = now() WHERE number = 1")
    with pytest.raises(psycopg.errors.CheckViolation, match="the last epoch"):
        as_superuser.execute("UPDATE vault.personal_data_keyepoch SET retired_at = now() WHERE number = 2")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_superuser.execute("DELETE FROM vault.personal_data_keyepoch")


def test_database_refuses_an_epoch_that_comes_back_and_a_key_that_goes_back() -> None:
    subject = make_subject()
    rotate()

    with pytest.raises(DatabaseError), transaction.atomic():
        KeyEpoch.objects.filter(number=1).update(retired_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Subject.objects.filter(pk=subject.pk).update(epoch_id=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyEpoch.objects.filter(number=2).update(destroyed_at=clock.now())


def test_database_refuses_somebody_new_under_an_epoch_that_is_over() -> None:
    rotate()

    with pytest.raises(EpochIsOver), processing("rights", actor=staff()):
        Subject.objects.create(kind=SubjectKind.USER, created_at=LONG_AGO, epoch_id=1, wrapped_key=b"x" * 60)


def test_a_process_with_an_older_keyring_in_memory_finds_the_new_epoch_and_forgets_the_old_key(
    own_keyring: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    specimen = make_specimen(name="Мария")
    monkeypatch.setattr(keyring, "FRESH_SECONDS", 3600)
    kept = keyring._kept[settings.KEYRING]
    rotate()
    keyring._kept[settings.KEYRING] = kept  # as another process has it
    assert set(keyring.current().epochs) == {1}

    assert name_of(specimen) == "Мария"
    keyring._kept[settings.KEYRING] = kept
    monkeypatch.setattr(keyring, "FRESH_SECONDS", 0)
    assert set(keyring.current().epochs) == {2}


def test_a_scope_that_read_somebodys_card_before_the_epoch_ended_opens_the_value() -> None:
    specimens = [make_specimen(name=f"Мария {number}") for number in range(3)]
    with processing("rights", actor=staff()):
        rows = list(Specimen.objects.order_by("pk"))
        thread = threading.Thread(target=rotate_and_leave)
        thread.start()
        thread.join()
        names = {row.name for row in rows}

    assert names == {f"Мария {number}" for number in range(len(specimens))}


def test_rotate_keys_refuses_a_keyring_that_is_only_given(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", Path(settings.KEYRING.removeprefix("file:")).read_text())
    settings.KEYRING = "env:GIVEN"

    with pytest.raises(KeyringFixed):
        rotate()
    assert KeyEpoch.objects.count() == 1


def test_rotation_beside_readers_and_writers_costs_nobody_an_error(own_keyring: Path) -> None:
    """The rotation runs in a process of its own, so that this one holds an older keyring for a while."""
    rotation_settles = 2 * keyring.FRESH_SECONDS + 1
    specimens = [make_specimen(name="Мария") for _ in range(40)]
    done, errors, acts = threading.Event(), list[BaseException](), [0, 0]

    def work(number: int) -> None:
        try:
            while not done.wait(0.005):
                if number:
                    assert name_of(random.choice(specimens)) == "Мария"
                else:
                    make_specimen(name="Пётр")
                acts[bool(number)] += 1
        except BaseException as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    with rotating() as process:
        process.start(settle=rotation_settles)
        ended = process.ended()
    done.set()
    for thread in threads:
        thread.join()

    assert ended == 0
    assert errors == []
    assert min(acts) > 10
    assert epochs_of_living() == {2}
    assert list(Keyring.from_json(own_keyring.read_text()).epochs) == [2]
    assert name_of(specimens[0]) == "Мария"


def test_rotation_that_is_killed_again_and_again_ends_with_nobody_under_an_old_key(own_keyring: Path) -> None:
    specimens = [make_specimen(name="Мария") for _ in range(60)]
    kills, lasts, halfway = 0, 0.4, 0
    with rotating() as process:
        while kills < KILLS:
            started, pid = monotonic(), process.start(settle=0)
            sleep(random.uniform(0, lasts))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            if process.ended() == -signal.SIGKILL:
                kills += 1
                came_late_enough = rotation.is_unfinished()
                halfway += came_late_enough
                lasts = lasts if came_late_enough else min(lasts * 1.1, LONGEST_SECONDS)
            else:
                lasts = min(lasts, monotonic() - started)
            assert epochs_of_living() <= set(Keyring.from_json(own_keyring.read_text()).epochs)

    keyring.forget()
    rotate()
    newest = KeyEpoch.objects.order_by("-number")[0].number

    assert halfway > 0
    assert epochs_of_living() == {newest}
    assert list(Keyring.from_json(own_keyring.read_text()).epochs) == [newest]
    assert not KeyEpoch.objects.filter(number__lt=newest, destroyed_at=None).exists()
    assert {name_of(one) for one in specimens} == {"Мария"}
    assert Event.objects.filter(fact="key_epoch_destroyed").count() == newest - 1


def test_rotate_keys_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    make_subject()

    call_command("rotate_keys", json=True)

    assert '"destroyed": [\n    1\n  ]' in capsys.readouterr().out
