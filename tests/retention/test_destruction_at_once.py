"""Destruction beside others: workers, people who write meanwhile, other transactions."""

import threading
from collections import Counter
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction
from psycopg.errors import DeadlockDetected

from accounts.models import User
from billing.models import Subscription
from personal_data.errors import Destroyed
from personal_data.models import Subject
from personal_data.scope import processing
from retention import erasure, ledger
from retention.destruction import destroy_due
from retention.models import Clock, Destruction, Run
from retention.services import cancel_clock
from tests.factories.personal_data import person
from tests.factories.retention import (
    DUE,
    ENDED,
    JOB,
    LATE,
    make_clock,
    make_full_person,
    make_modest_person,
    rows_of,
)
from tests.specimens.models import Specimen


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_destroy_each_person_once() -> None:
    people = [make_modest_person() for _ in range(30)]
    for subject_id in people:
        make_clock(subject_id=subject_id)

    outcomes = at_once(4, lambda: destroy_due(DUE, batch_size=3))

    assert sum(outcome.destroyed for outcome in outcomes) == 30
    assert sum(outcome.failed for outcome in outcomes) == 0
    assert sum(Run.objects.values_list("destroyed", flat=True)) == 30
    assert not Run.objects.filter(destroyed=0).exists()
    assert sorted(r.running for r in Destruction.objects.all()) == list(range(1, 31))
    assert sorted(line.subject for line in ledger.read()) == sorted(people)
    assert Subject.objects.filter(destroyed_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_person_whose_row_somebody_holds_waits_for_the_next_sweep() -> None:
    held, free = make_clock(), make_clock()

    with transaction.atomic():
        Subject.objects.select_for_update().get(pk=held.subject_id)
        (outcome,) = at_once(1, lambda: destroy_due(DUE))

    assert outcome.destroyed == 1
    assert Destruction.objects.get().subject == free.subject_id
    assert destroy_due(DUE).destroyed == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", ["sealed", "plain"])
def test_rows_written_before_the_destruction_and_committed_after_it_do_not_stay(write: str) -> None:
    subject_id = make_modest_person()
    make_clock(subject_id=subject_id)

    with processing("rights", actor=person(subject_id)):
        _write(write, subject_id)
        (outcome,) = at_once(1, lambda: destroy_due(DUE))

    assert outcome.destroyed == 0
    assert destroy_due(DUE).destroyed == 1
    assert rows_of(subject_id) == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", ["sealed", "plain"])
def test_rows_that_come_while_the_destruction_runs_are_refused(write: str, monkeypatch: pytest.MonkeyPatch) -> None:
    subject_id = make_modest_person()
    make_clock(subject_id=subject_id)
    locked, written = threading.Event(), []
    erase = erasure.erase

    def slowly(*people_and_fact: Any) -> Any:
        locked.set()
        sleep(0.3)  # the writer runs into the lock
        return erase(*people_and_fact)

    monkeypatch.setattr(erasure, "erase", slowly)
    destroying = threading.Thread(target=lambda: written.append(at_once(1, lambda: destroy_due(DUE))))
    destroying.start()
    locked.wait(10)
    with pytest.raises((Destroyed, DatabaseError)), processing("rights", actor=person(subject_id)):
        _write(write, subject_id)
    destroying.join(10)

    assert rows_of(subject_id) == {}


def _write(what: Any, subject_id: UUID) -> Any:
    if what == "sealed":
        Specimen.objects.create(subject_id=subject_id, name="Мария")
    else:
        Subscription.objects.create(subject_id=subject_id, starts_on=ENDED.date(), ends_on=ENDED.date())


@pytest.mark.django_db(transaction=True)
def test_third_party_rows_committed_after_the_destruction_are_refused_by_their_foreign_key() -> None:
    subject_id = make_modest_person()
    make_clock(subject_id=subject_id)

    def write_while_destroyed() -> None:
        with transaction.atomic():
            EmailAddress.objects.create(user=User.objects.get(subject_id=subject_id), email="another@s.invalid")
            (outcome,) = at_once(1, lambda: destroy_due(DUE))
            assert outcome.destroyed == 1

    with pytest.raises(IntegrityError):
        write_while_destroyed()

    assert rows_of(subject_id) == {}


@pytest.mark.django_db(transaction=True)
def test_clock_that_is_cancelled_meanwhile_saves_the_person() -> None:
    clock = make_clock()

    with transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(cancelled_at=DUE)
        (outcome,) = at_once(1, lambda: destroy_due(DUE))

    assert outcome.destroyed == 0
    assert destroy_due(LATE).found == 0


@pytest.mark.django_db(transaction=True)
def test_cancel_clock_of_somebody_just_destroyed_says_it_was_too_late() -> None:
    clock = make_clock()
    destroy_due(DUE)

    assert not cancel_clock(subject_id=clock.subject_id, trigger=clock.trigger, actor=JOB, at=DUE)


def at_once(workers: Any, work: Any) -> Any:
    results, errors = [], []

    def run() -> Any:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001  (told to the test)
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    return results


@pytest.mark.django_db
def test_batch_that_postgresql_ended_for_another_one_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make_clock(subject_id=make_full_person())
    erase, deadlocks = erasure.erase, [OperationalError("deadlock detected")]
    deadlocks[0].__cause__ = DeadlockDetected()

    def unlucky(*people_and_fact: Any) -> Counter[str]:
        if deadlocks:
            raise deadlocks.pop()
        return erase(*people_and_fact)

    monkeypatch.setattr(erasure, "erase", unlucky)

    assert destroy_due(DUE).destroyed == 1
