"""After a part was destroyed its values are nowhere: not in the clear, as `scan_for` looks for them, and not sealed in
what stays either: whatever can still be opened is opened and looked through."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.base import ContentFile

from accounts.models import MailAddress, Profile
from law import clock as law_clock
from notifications.services import send
from operator_portal.embedded.home import ROOT, SUPERUSER
from operator_portal.testing.databases import SlotDatabase
from personal_data import data_map
from personal_data.files import SealedFile
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from retention import ordering
from retention.models import Destruction, FileDebt, Norm
from retention.values import Portion
from subject_requests.answers import giving
from subject_requests.intake.models import Correspondent
from subject_requests.kinds import RequestKind
from subject_requests.models import AnswerFile, Correction
from subject_requests.services import Wanted, note, take
from tests.factories.answers import make_answer_set
from tests.factories.intake import make_attachment
from tests.factories.retention import make_modest_person
from tests.factories.subject_requests import CLERK, RECEIVED, make_request
from tests.journeys.canaries import Canaries
from tests.specimens.models import Specimen

OFFICER = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))
ACTOR = Actor.system("tests")
NAMES, TEXTS = (Portion(categories=frozenset({code})) for code in ("name", "request"))


class Person:
    """With a canary of each category in every corner, and copies that were made of all."""

    def __init__(self) -> None:
        self.canaries = Canaries()
        self.first, self.last, self.text, self.scan = map(self.canaries.both, ("first", "last", "text", "scan"))
        self.pk = make_modest_person(name=self.first)
        self._corners()

    def _corners(self) -> None:
        with processing("rights", actor=ACTOR):
            Correspondent.objects.create(subject_id=self.pk, name=self.first, postal_address=self.text)
            Specimen.objects.create(
                subject_id=self.pk, name=self.first, story=self.text, scan=ContentFile(self.scan.encode(), name="s.txt")
            )
        wanted = [Wanted(field="first_name", value=self.first), Wanted(field="last_name", value=self.last)]
        kinds = [RequestKind.ACCESS, RequestKind.CLARIFICATION]
        filed = make_request(subject_id=self.pk, kinds=kinds, text=self.text, corrections=wanted)
        take(request_id=filed.pk, actor=CLERK, at=RECEIVED)
        note(request_id=filed.pk, text=self.text, actor=CLERK, at=RECEIVED)
        make_attachment(filed, name=f"{self.text[:20]}.pdf")
        self.answer = make_answer_set(request=filed)
        giving.attach(answer_id=self.answer.pk, actor=CLERK, at=law_clock.now())
        send(subject_id=self.pk, template="request_received", language="ru", at=RECEIVED, details={"url": "https://…/"})

    def order(self, portion: Portion) -> None:
        ordering.order_part(subject_id=self.pk, norm=Norm.UNNEEDED, portion=portion, actor=OFFICER, at=law_clock.now())

    def place_of_first_name(self) -> Portion:
        return Portion(place="accounts.Profile.first_name", row=Profile.objects.get(subject_id=self.pk).pk)

    def everything_that_opens(self) -> str:
        with processing("rights", actor=ACTOR, reason="test"):
            return "\n".join(_opened(self.pk))


def _opened(subject_id: UUID) -> Iterator[str]:
    for holding in data_map.holdings():
        rows: Any = holding.rows_of(subject_id) if holding.fields else ()
        for row in rows:
            for column in holding.fields:
                value = getattr(row, column.name)
                yield from _contents(value) if isinstance(value, SealedFile) else [f"{column}: {value!s}"]


def _contents(file: SealedFile) -> Iterator[str]:
    content = file.read()
    yield f"{file.name} {content.decode(errors='replace')}"
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name).decode(errors="replace") for name in archive.namelist())


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.mark.django_db
def test_canaries_stand_in_every_corner_before(person: Person) -> None:
    opened = person.everything_that_opens()

    assert opened.count(person.first) >= 5
    assert all(each in opened for each in (person.last, person.text, person.scan))


@pytest.mark.django_db
def test_category_leaves_nothing_that_could_be_opened(person: Person) -> None:
    person.order(NAMES)
    opened = person.everything_that_opens()

    assert (person.first in opened, person.last in opened) == (False, False)
    assert person.text in opened
    assert not AnswerFile.objects.filter(subject_id=person.pk).exists()
    assert not Correction.objects.filter(subject_id=person.pk).exists()
    assert MailAddress.objects.filter(subject_id=person.pk).exists()


@pytest.mark.django_db
def test_single_value_takes_its_copies_along_and_leaves_the_others(person: Person) -> None:
    with processing("rights", actor=ACTOR):
        Specimen.objects.filter(subject_id=person.pk).delete()
        Correspondent.objects.filter(subject_id=person.pk).delete()

    person.order(person.place_of_first_name())
    opened = person.everything_that_opens()

    assert (person.first in opened, person.last in opened) == (False, True)
    assert list(Correction.objects.filter(subject_id=person.pk).values_list("field", flat=True)) == ["last_name"]


@pytest.mark.django_db(transaction=True)
def test_files_of_a_category_leave_the_disk_with_everything_that_opens(person: Person, own_ledger: Any) -> None:
    assert list((own_ledger / "files").rglob("*.*")) or any((own_ledger / "files").iterdir())

    person.order(TEXTS)
    opened = person.everything_that_opens()

    assert (person.text in opened, person.scan in opened, person.first in opened) == (False, False, True)
    assert FileDebt.objects.count() == 0
    assert [path for path in (own_ledger / "files").rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_copies_are_no_values_of_their_own(person: Person) -> None:
    """Nothing of a category is held: then there is nothing to destroy, and a prepared answer stays what it is."""
    with pytest.raises(ordering.NothingHeld):
        person.order(Portion(categories=frozenset({"correspondence_nobody_has"})))
    person.order(NAMES)
    with pytest.raises(ordering.NothingHeld):
        person.order(NAMES)

    assert Destruction.objects.filter(subject=person.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_scan_finds_no_value_of_a_destroyed_part(person: Person, slot_database: SlotDatabase, own_ledger: Any) -> None:
    person.order(NAMES)
    person.order(TEXTS)
    home = slot_database.services.home
    places = ["--place", "database", "--place", "database-files", "--path", own_ledger]
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "scan_for", "--needles-from", "-", "--json", *places],
        input="\n".join(person.canaries.released),
        env={**os.environ, "SCAN_DATABASE_URL": home.database_url(SUPERUSER, slot_database.name)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr or done.stdout
    assert json.loads(done.stdout)["findings"] == []
