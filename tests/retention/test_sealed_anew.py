"""When a part is destroyed the person gets another key, and what stays is sealed anew under it: of the part no old copy
opens once the epoch of the key before is over."""

import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from accounts.models import MailAddress
from law import clock
from personal_data import data_map, files, keyring, resealing, rotation
from personal_data.errors import Altered, KeyChanged
from personal_data.fields import SealedFileField, SealedMixin
from personal_data.models import KeyEpoch, Subject
from personal_data.scope import processing
from personal_data.sealing import unseal
from personal_data.subject_state import label
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from retention import ordering, records, remainders
from retention.models import Destruction, FileDebt, Norm
from retention.values import Portion
from tests.factories.personal_data import make_subject
from tests.factories.retention import JOB, make_full_person, make_modest_person
from tests.personal_data.conftest import own_keyring
from tests.specimens.models import Specimen

__all__ = ["own_keyring"]

OFFICER = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))
NAMES, TEXTS = (Portion(categories=frozenset({code})) for code in ("name", "request"))

Copy = list[tuple[SealedMixin, UUID, bytes]]


def order(subject_id: UUID, portion: Portion = NAMES) -> Destruction:
    made = ordering.order_part(
        subject_id=subject_id, norm=Norm.UNNEEDED, portion=portion, actor=OFFICER, at=clock.now()
    )
    assert made.done_at
    return Destruction.objects.get(part=made.pk)


def seal_anew(subject_id: UUID) -> None:
    with processing("retention", actor=JOB):
        remainders.owe_files(resealing.reseal(subject_id), at=clock.now())
    remainders.finish()


def elsewhere(act: Any) -> None:
    """In a connection of its own, to the end."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  # told in the test's own thread
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    if failed:
        raise failed[0]


def a_copy(subject_id: UUID) -> tuple[Copy, Subject]:
    """What a backup holds of somebody: sealed values, and the wrapped key."""
    held: Copy = []
    for model in data_map.sealed_models():
        rows: Any = model._base_manager.filter(subject_id=subject_id).values()
        for row in rows:
            held += [
                (field, row["id"], bytes(row[field.attname]))
                for field in model.sealed_fields()
                if row[field.attname] is not None
            ]
    return held, Subject.objects.get(pk=subject_id)


def keys_of(*subjects: Subject) -> list[tuple[bytes, int]]:
    """Of these copies of somebody's row, the keys that open with the keyring of today."""
    opened = []
    for subject in subjects:
        for epoch in keyring.current(anew=True).epochs:
            wrapped = [(bytes(subject.wrapped_key or b""), label(epoch) + subject.pk.bytes)]
            (key,) = keyring.current().unwrap(wrapped, epoch)
            opened += [(key, subject.key_number)] if key else []
    return opened


def opening(copy: Copy, subject_id: UUID, keys: list[tuple[bytes, int]]) -> dict[str, bytes]:
    """What opens under one of the keys, by place."""
    found = {}
    for field, row_id, blob in copy:
        for key, number in keys:
            try:
                plain = unseal(AESGCM(key), blob, field.place(row_id, subject_id), number)
            except Altered:
                continue
            found[f"{field.model._meta.label}.{field.name}"] = plain
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("own_keyring")
def test_after_the_epoch_no_old_copy_of_a_destroyed_part_opens_and_all_that_stays_does() -> None:
    subject_id = make_full_person(name="Мария")
    backup, before = a_copy(subject_id)
    assert len(opening(backup, subject_id, keys_of(before))) == len({(f.model, f.name) for f, _row, _blob in backup})

    record = order(subject_id)

    epoch = KeyEpoch.objects.get(number=before.epoch_id)
    assert (record.key_epoch, record.final_at) == (epoch.number, records.final_moment(epoch.opened_at, clock.now()))
    rotation.rotate(clock.now(), even_if_young=True)
    now, after = a_copy(subject_id)
    assert opening(backup, subject_id, keys_of(before, after)) == {}
    stays = opening(now, subject_id, keys_of(after))
    assert len(stays) == len({(field.model, field.name) for field, _row, _blob in now})
    assert "accounts.MailAddress.address" in stays
    assert "accounts.Profile.first_name" not in stays


@pytest.mark.django_db
def test_everything_that_stays_opens_is_found_and_bears_the_number_of_the_new_key() -> None:
    subject_id = make_full_person(name="Мария")
    with processing("rights", actor=JOB):
        address = MailAddress.objects.get(subject_id=subject_id).address
        texts = [str(value) for value in _read(subject_id, without={"name"})]

    order(subject_id)

    held, subject = a_copy(subject_id)
    assert {blob[0] for _field, _row, blob in held} == {subject.key_number} == {2}
    with processing("rights", actor=JOB):
        assert MailAddress.objects.get(address=address).subject_id == subject_id
        assert [str(value) for value in _read(subject_id, without={"name"})] == texts
        scan = Specimen.objects.get(subject_id=subject_id)
        scan.story = "потом"
        scan.save()
        assert Specimen.objects.get(subject_id=subject_id).story == "потом"


def _read(subject_id: UUID, *, without: set[str]) -> list[Any]:
    """Answers' archives go with any part, corrections of names with names."""
    apart = {"subject_requests_answerfile", "subject_requests_correction"}
    read = []
    for model in data_map.sealed_models():
        if model._meta.db_table in apart:
            continue
        for row in model._base_manager.filter(subject_id=subject_id).order_by("pk"):
            for field in model.sealed_fields():
                if field.category in without or (row.__dict__.get(field.rest) is None):
                    continue
                value = getattr(row, field.attname)
                read.append(value.read() if isinstance(field, SealedFileField) else value)
    return read


@pytest.mark.django_db
def test_sealing_anew_is_one_entry_of_the_log_and_no_change_of_what_stays() -> None:
    subject_id = make_full_person()
    before = list(Event.objects.values_list("pk", flat=True))

    order(subject_id)

    new = Event.objects.exclude(pk__in=before).filter(subject=subject_id)
    assert new.filter(operation__in=["clarify", "extract", "record"]).count() == 0
    event = new.get(fact="sealed_anew")
    assert (event.operation, event.categories, event.purpose, event.actor_id) == ("", [], "retention", OFFICER.id)


@pytest.mark.django_db
def test_change_after_a_part_was_destroyed_is_logged_as_any_other() -> None:
    subject_id = make_full_person()
    order(subject_id)

    with processing("rights", actor=JOB):
        row = Specimen.objects.get(subject_id=subject_id)
        row.story = "другое"
        row.save()

    assert Event.objects.filter(subject=subject_id, operation="clarify", categories=["request"]).count() == 1


@pytest.mark.django_db
def test_parts_one_after_the_other_each_get_a_key_and_the_number_goes_round() -> None:
    subject_id = make_full_person()
    order(subject_id)
    order(subject_id, TEXTS)
    assert Subject.objects.get(pk=subject_id).key_number == 3

    with processing("retention", actor=JOB):
        for _ in range(254):
            resealing.reseal(subject_id)

    assert Subject.objects.get(pk=subject_id).key_number == 2
    with processing("rights", actor=JOB):
        assert "@" in MailAddress.objects.get(subject_id=subject_id).address


@pytest.mark.django_db
def test_value_that_does_not_open_stays_as_it_is_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    subject_id = make_modest_person()
    with processing("rights", actor=JOB):
        Specimen.objects.create(subject_id=subject_id, story="слова", scan=ContentFile(b"x", name="scan"))
    broken = Specimen.objects.get(subject_id=subject_id)
    (folder,) = files_of(broken)
    (next(folder.iterdir())).unlink()
    with processing("rights", actor=JOB), connection.cursor() as cursor:
        cursor.execute("UPDATE specimens_specimen SET story = set_byte(story, 20, 255 - get_byte(story, 20))")

    order(subject_id)

    assert Specimen.objects.filter(pk=broken.pk, story__isnull=False).exists()
    assert [entry.levelname for entry in caplog.records if "sealed anew" in entry.message] == ["WARNING"] * 2


# --- files --------------------------------------------------------------------------------------------------------


def files_of(row: Specimen) -> list[Path]:
    return [folder for folder in [files.folder_of("specimens_specimen", "scan", row.pk)] if folder.exists()]


@pytest.mark.django_db(transaction=True)
def test_file_that_stays_is_written_anew_and_the_old_one_leaves_the_disk() -> None:
    subject_id = make_modest_person()
    content = b"long" * 50_000
    with processing("rights", actor=JOB):
        row = Specimen.objects.create(subject_id=subject_id, scan=ContentFile(content, name="scan.txt"))
    (folder,) = files_of(row)
    (old,) = folder.iterdir()
    was = old.read_bytes()

    order(subject_id)

    (new,) = folder.iterdir()
    assert new.name != old.name
    assert new.read_bytes() != was
    assert FileDebt.objects.count() == 0
    with processing("rights", actor=JOB):
        scan = Specimen.objects.get(pk=row.pk).scan
        assert (scan.name, scan.read()) == ("scan.txt", content)


@pytest.mark.django_db(transaction=True)
def test_file_of_somebody_who_died_between_is_paid_for_by_the_next() -> None:
    subject_id = make_modest_person()
    with processing("rights", actor=JOB):
        row = Specimen.objects.create(subject_id=subject_id, scan=ContentFile(b"x", name="scan.txt"))
    with processing("retention", actor=JOB):
        replaced = resealing.reseal(subject_id)
        remainders.owe_files(replaced, at=clock.now())
    (folder,) = files_of(row)
    assert len(list(folder.iterdir())) == 2

    remainders.finish()

    assert len(list(folder.iterdir())) == 1
    with processing("rights", actor=JOB):
        assert Specimen.objects.get(pk=row.pk).scan.read() == b"x"


@pytest.mark.django_db(transaction=True)
def test_reader_who_had_opened_the_card_of_a_file_still_reads_it() -> None:
    subject_id = make_modest_person()
    with processing("rights", actor=JOB):
        row = Specimen.objects.create(subject_id=subject_id, scan=ContentFile(b"x" * 100, name="scan.txt"))

    with processing("rights", actor=JOB):
        scan = Specimen.objects.get(pk=row.pk).scan
        elsewhere(lambda: order(subject_id))
        assert scan.read() == b"x" * 100


# --- what the database refuses ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_database_gives_no_new_key_outside_of_a_declared_act_of_retention_and_none_out_of_turn() -> None:
    subject = make_subject()
    mine = Subject.objects.filter(pk=subject.pk)
    new = {"key_number": 2, "wrapped_key": b"x" * 60}
    for purpose, values in (
        ("rights", new),
        ("retention", {**new, "key_number": 3}),
        ("retention", {"key_number": 2}),
        ("retention", {"rekeyed_at": clock.now()}),
    ):
        with pytest.raises(DatabaseError), processing(purpose, actor=JOB):
            mine.update(**values)
    with pytest.raises(DatabaseError, match="undeclared"), transaction.atomic():
        mine.update(**new)


@pytest.mark.django_db(transaction=True)
def test_database_refuses_the_record_of_a_part_whose_key_lives_on() -> None:
    subject_id = make_modest_person()
    record = order(subject_id)
    record.pk, record.part, record.running, record.receipt_digest = None, uuid4(), 99, b"y" * 32

    with pytest.raises(IntegrityError, match="together with the key"), transaction.atomic():
        record.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_value_under_a_key_that_is_no_longer_the_persons_is_refused_and_nothing_is_lost() -> None:
    subject_id = make_modest_person()
    with processing("rights", actor=JOB):
        Specimen.objects.create(subject_id=subject_id, story="было")

    for write in (_insert, _fill, _change):
        with pytest.raises(KeyChanged), processing("rights", actor=JOB) as act:
            act.cipher_of(subject_id)
            rows = list(Specimen.objects.filter(subject_id=subject_id))
            elsewhere(lambda: seal_anew(subject_id))
            write(subject_id, rows[0])

    with processing("rights", actor=JOB):
        (row,) = Specimen.objects.filter(subject_id=subject_id)
        assert (row.story, row.name) == ("было", None)
        _change(subject_id, row)
        assert Specimen.objects.get(pk=row.pk).story == "стало"


def _insert(subject_id: UUID, _row: Specimen) -> None:
    Specimen.objects.create(subject_id=subject_id, name="Мария")


def _fill(_subject_id: UUID, row: Specimen) -> None:
    row.name = "Мария"
    row.save()


def _change(_subject_id: UUID, row: Specimen) -> None:
    row.story = "стало"
    row.save()
