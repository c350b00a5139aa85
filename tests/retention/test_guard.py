from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from processing_log.actors import Actor, ActorKind
from retention import guard, monitor
from retention.destruction import destroy_due
from retention.models import MassRun
from tests.factories.personal_data import make_subject
from tests.factories.retention import DUE, make_clock

ONE, OTHER = (Actor(kind=ActorKind.STAFF, id=str(uuid4())) for _ in range(2))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def narrow_guard(settings: Any) -> None:
    settings.DESTRUCTION_GUARD_PEOPLE = 2
    settings.DESTRUCTION_GUARD_PERCENT = 50


def make_due(count: int, *, others: int = 0) -> None:
    for _ in range(count):
        make_clock()
    for _ in range(others):
        make_subject()


def test_run_that_would_take_most_people_waits_until_two_agree() -> None:
    make_due(3)

    first = destroy_due(DUE)
    asked = MassRun.objects.get()
    guard.agree(run_id=asked.pk, actor=ONE, at=DUE)
    second = destroy_due(DUE)
    guard.agree(run_id=asked.pk, actor=OTHER, at=DUE)
    third = destroy_due(DUE)

    assert [(run.waits, run.destroyed) for run in (first, second, third)] == [(True, 0), (True, 0), (False, 3)]
    assert MassRun.objects.count() == 1


def test_nobody_agrees_twice() -> None:
    make_due(3)
    destroy_due(DUE)
    asked = MassRun.objects.get()
    guard.agree(run_id=asked.pk, actor=ONE, at=DUE)

    with pytest.raises(guard.SecondPersonNeeded):
        guard.agree(run_id=asked.pk, actor=ONE, at=DUE)
    with pytest.raises(IntegrityError, match="mass_run_needs_two_people"):
        MassRun.objects.update(second_by=asked.first_by or MassRun.objects.get().first_by, second_at=DUE)


@pytest.mark.parametrize(("due", "others"), [(2, 0), (3, 3)])
def test_usual_run_asks_nobody(due: int, others: int) -> None:
    make_due(due, others=others)

    assert destroy_due(DUE).destroyed == due
    assert not MassRun.objects.exists()


def test_agreement_is_for_so_many_and_for_a_day() -> None:
    make_due(3)
    destroy_due(DUE)
    for actor in (ONE, OTHER):
        guard.agree(run_id=MassRun.objects.get().pk, actor=actor, at=DUE)
    make_due(1)

    assert destroy_due(DUE).waits
    assert destroy_due(DUE + timedelta(days=1)).waits
    with pytest.raises(guard.NothingAsked):
        guard.agree(run_id=MassRun.objects.earliest("pk").pk, actor=ONE, at=DUE + timedelta(days=1))


def test_monitor_and_desk_see_a_run_that_waits() -> None:
    make_due(3)
    destroy_due(DUE)

    assert monitor.figures(DUE).mass_runs_waiting == 1
    assert guard.waiting(DUE) == MassRun.objects.get()
