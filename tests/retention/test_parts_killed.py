"""kill -9 of the process that destroys a part, at random moments: everybody has all of it under the old key, or nothing
of it and the rest under a new one. PART_KILLS=200 kills more often."""

import os
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction

from law import clock
from personal_data import files
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from retention import ledger, ordering
from retention.models import Destruction, FileDebt, LedgerDebt, PartOrder
from retention.values import Portion
from tests.factories.personal_data import person
from tests.factories.retention import JOB, make_modest_person
from tests.retention.test_killed import victim
from tests.specimens.models import Specimen

KILLS = int(os.environ.get("PART_KILLS", "20"))
PEOPLE_A_RUN = 3
FORTY_DAYS = timedelta(days=40)
OFFICER = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))
NAMES = Portion(categories=frozenset({"name"}))
CONTENT = b"scan" * 40_000


def make_person_who_loses_their_names() -> UUID:
    subject_id, at = make_modest_person(), clock.now() - FORTY_DAYS
    with processing("rights", actor=person(subject_id)):
        for number in range(2):
            scan = ContentFile(CONTENT, name="scan")
            Specimen.objects.create(subject_id=subject_id, name="Мария", story=f"слова {number}", scan=scan)
    ordering.order_by_rule(
        subject_id=subject_id, trigger="unlawful_found", portion=NAMES, since=at, actor=OFFICER, at=at, at_once=False
    )
    return subject_id


def ensure_everybody_is_wholly_before_or_wholly_after() -> set[UUID]:
    """In one snapshot. Returns whose part is still to go."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        numbers = dict(Subject.objects.values_list("pk", "key_number"))
        waiting = set(PartOrder.objects.waiting().values_list("subject_id", flat=True))
        assert {one for one, number in numbers.items() if number == 1} == waiting
        after = Counter(numbers.keys() - waiting)
        assert Counter(Destruction.objects.values_list("subject", flat=True)) == after
        for fact in ("part_destroyed", "sealed_anew"):
            assert Counter(Event.objects.filter(fact=fact).values_list("subject", flat=True)) == after
        rows: Any = Specimen.objects.values("subject_id", "name", "story", "scan")
        for row in rows:
            number = numbers[row["subject_id"]]
            assert (row["name"] is None) == (number == 2)
            assert {bytes(row[name])[0] for name in ("story", "scan")} == {number}
    return waiting


def ensure_all_opens(people: set[UUID]) -> None:
    with processing("rights", actor=JOB):
        for row in Specimen.objects.filter(subject_id__in=people):
            assert row.story.startswith("слова")
            assert row.scan.read() == CONTENT


def files_beside(row: Any) -> list[Path]:
    folder = files.folder_of("specimens_specimen", "scan", row.pk)
    return [path for path in folder.iterdir() if path.suffix != ".part"]


@pytest.mark.django_db(transaction=True)
def test_kill_at_random_moments_leaves_a_part_and_its_key_wholly_there_or_wholly_gone(own_ledger: Path) -> None:
    kills, halfway, people = 0, 0, {make_person_who_loses_their_names()}
    with victim(own_ledger) as process:
        while kills < KILLS:
            waiting = ensure_everybody_is_wholly_before_or_wholly_after()
            ensure_all_opens(set(random.sample(sorted(people), min(3, len(people)))))
            people |= {make_person_who_loses_their_names() for _ in range(PEOPLE_A_RUN - len(waiting))}
            before = Destruction.objects.count()
            was_killed = process.run_and_kill()
            kills += was_killed
            destroyed = Destruction.objects.count() - before
            halfway += was_killed and 0 < destroyed < PEOPLE_A_RUN
            if was_killed and not destroyed:
                process.came_too_early()

    while ensure_everybody_is_wholly_before_or_wholly_after():
        ordering.carry_out_due(clock.now())
    ensure_all_opens(people)

    assert halfway > KILLS / 20, "the kills came too early or too late to mean anything"
    assert sorted(Destruction.objects.values_list("running", flat=True)) == list(range(1, len(people) + 1))
    assert {line.subject for line in ledger.read_parts()} == people
    assert (LedgerDebt.objects.count(), FileDebt.objects.count()) == (0, 0)
    assert {len(files_beside(row)) for row in Specimen.objects.all()} == {1}
    print(f"{kills} kills, {halfway} of them in the middle, {len(people)} parts")
