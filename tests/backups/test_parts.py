"""A part that was destroyed does not come back with a backup, and the key that it was sealed under does not either."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from backups import making
from law import clock
from personal_data import rotation
from personal_data.models import Subject
from personal_data.scope import processing
from retention.models import Destruction, FileDebt
from tests.backups.test_restoring import make_person, restore
from tests.factories.personal_data import person, staff
from tests.retention.test_sealed_anew import a_copy, keys_of, opening, order
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db(transaction=True)


def scans_of(*people: UUID) -> list[bytes]:
    with processing("rights", actor=staff()):
        return sorted(row.scan.read() for row in Specimen.objects.filter(subject_id__in=people))


def test_restored_backup_gets_another_key_for_each_part_also_where_nothing_of_it_came_back(
    elsewhere: Callable[..., Any], tmp_path: Path
) -> None:
    there_before, entered_later, untouched = (make_person(name) for name in ("Мария", "Анна", "Ольга"))
    with processing("rights", actor=person(entered_later)):
        Specimen.objects.filter(subject_id=entered_later).update(name=None)
    making.make(tmp_path / "backups", at=clock.now())
    with processing("rights", actor=person(entered_later)):
        row = Specimen.objects.get(subject_id=entered_later)
        row.name = "Анна"
        row.save()
    copies = {one: a_copy(one) for one in (there_before, entered_later)}
    numbers = [order(one).running for one in copies]

    with elsewhere():
        said = restore(tmp_path / "backups")
        rotation.rotate(clock.now(), even_if_young=True)

        assert sorted(Destruction.objects.values_list("running", flat=True)) == numbers
        assert [Subject.objects.get(pk=one).key_number for one in (*copies, untouched)] == [2, 2, 1]
        assert not Specimen.objects.filter(subject_id__in=copies, name__isnull=False).exists()
        assert scans_of(*copies, untouched) == sorted(name.encode() for name in ("Мария", "Анна", "Ольга"))
        assert FileDebt.objects.count() == 0
        for one, (copy, subject) in copies.items():
            now, after = a_copy(one)
            assert opening(copy, one, keys_of(subject, after)) == {}
            assert opening(now, one, keys_of(after))
        assert said["people"] == 3
