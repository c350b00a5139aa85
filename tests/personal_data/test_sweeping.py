"""Files on disk whose row never came."""

import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from personal_data.scope import processing
from personal_data.sweeping import PATIENCE, sweep_files
from tests.factories.personal_data import make_specimen, make_subject, staff
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def files_dir(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


class ThoughtBetterOfIt(Exception):
    pass


def folders() -> set[Path]:
    return set((Path(settings.FILES_DIR) / Specimen._meta.db_table / "scan").iterdir())


def age(path: Path) -> None:
    long_ago = time.time() - PATIENCE.total_seconds() - 1
    os.utime(path, (long_ago, long_ago))


def write_and_roll_back() -> Path:
    before = folders()
    subject = make_subject()
    with pytest.raises(ThoughtBetterOfIt), processing("support", actor=staff()):
        Specimen.objects.create(subject=subject, scan=ContentFile(b"canary", name="scan"))
        raise ThoughtBetterOfIt
    (left,) = folders() - before
    return left


def test_file_of_a_row_that_never_came_goes_after_a_day():
    kept = make_specimen(scan=ContentFile(b"kept", name="scan"))
    orphan = write_and_roll_back()
    for folder in folders():
        age(folder)

    assert sweep_files() == 1
    assert not orphan.exists()
    with processing("rights", actor=staff()):
        assert Specimen.objects.get(pk=kept.pk).scan.read() == b"kept"


def test_file_whose_row_may_still_come_stays():
    make_specimen(scan=ContentFile(b"kept", name="scan"))
    orphan = write_and_roll_back()

    assert sweep_files() == 0
    assert orphan.exists()


def test_half_of_a_file_goes_and_the_whole_one_beside_it_stays():
    specimen = make_specimen(scan=ContentFile(b"kept", name="scan"))
    (folder,) = [each for each in folders() if each.name == specimen.pk.hex]
    half = folder / "half.part"
    half.write_bytes(b"half")
    age(half)

    assert sweep_files() == 1
    assert len(list(folder.iterdir())) == 1
