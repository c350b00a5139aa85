"""Back up, destroy some, restore elsewhere: nobody is served before the ledger is replayed, and nobody comes back."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from celery.exceptions import Ignore
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from backups import gate, making, stream
from backups.errors import Unreadable
from law import clock
from personal_data import keyring, rotation
from personal_data.errors import Destroyed
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.models import Event
from retention import ledger, replay
from retention import tasks as retention_tasks
from retention.destruction import destroy_due
from retention.models import Destruction
from tests.factories.personal_data import person, staff
from tests.factories.retention import make_clock, make_modest_person
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db(transaction=True)
FORTY_DAYS = timedelta(days=40)


def make_person(name: str) -> UUID:
    subject_id = make_modest_person(name=name)
    with processing("rights", actor=person(subject_id)):
        Specimen.objects.create(subject_id=subject_id, name=name, scan=ContentFile(name.encode(), name="scan"))
    return subject_id


def destroy(*people: UUID) -> None:
    for subject_id in people:
        make_clock(subject_id=subject_id, started_at=clock.now() - FORTY_DAYS)
    assert destroy_due(clock.now()).destroyed == len(people)


def names_of(*people: UUID) -> list[str]:
    with processing("rights", actor=staff()):
        return sorted(row.name for row in Specimen.objects.filter(subject_id__in=people))


def restore(folder: Path, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("restore", folder, json=True, stdout=out, **options)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def status_of_page(path: str = "/") -> str:
    """Asked of the layer that stands before everything else."""
    said: list[str] = []

    def application(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b""]

    def start(status: str, *_headers: Any) -> Any:
        said.append(status[:3])

    list(gate.Gate(application)({"PATH_INFO": path}, start))
    return said[0]


def test_restore_brings_everything_back_but_those_who_were_destroyed_since(
    elsewhere: Callable[..., Any], tmp_path: Path
) -> None:
    people = [make_person(f"Мария {number}") for number in range(6)]
    gone_before = make_person("Анна")
    destroy(gone_before)
    made = making.make(tmp_path / "backups", at=clock.now())
    destroy(*people[:3])
    numbers = dict(Destruction.objects.values_list("subject", "running"))

    with elsewhere() as there:
        said = restore(tmp_path / "backups")
        living = set(Subject.objects.filter(destroyed_at=None).values_list("pk", flat=True))
        records = dict(Destruction.objects.values_list("subject", "running"))
        again = Event.objects.filter(fact="subject_destroyed_again").values_list("subject", flat=True)
        files = [path for path in (there.home / "files").rglob("*") if path.is_file()]

        assert said["backup"] == made.name
        assert (said["replayed"], said["people"]) == (3, 7)
        assert living == set(people[3:])
        assert sorted(names_of(*people)) == [f"Мария {number}" for number in range(3, 6)]
        assert records == numbers
        assert set(again) == set(people[:3])
        assert len(files) == 3
        assert Subject.objects.get(pk=people[0]).destroyed_at
        assert (gate.reason(), status_of_page()) == ("", "200")
        assert Event.objects.filter(fact="backup_restored").count() == 1
        assert destroy_due(clock.now()).found == 0


def test_nothing_is_served_before_the_ledger_is_replayed(
    elsewhere: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [make_person(f"Мария {number}") for number in range(2)]
    making.make(tmp_path / "backups", at=clock.now())
    destroy(people[0])
    seen: list[Any] = []

    def look(*args: Any, **options: Any) -> Any:
        with pytest.raises(Ignore):
            retention_tasks.destroy_due()
        seen.append([status_of_page(path) for path in ("/", "/me/", "/api/v1/may/", "/readyz", "/healthz")])
        raise RuntimeError("the machine stops")

    with elsewhere():
        with monkeypatch.context() as patch:
            patch.setattr(replay, "replay", look)
            with pytest.raises(RuntimeError):
                restore(tmp_path / "backups")
        after = (gate.reason(), status_of_page(), Subject.objects.filter(destroyed_at=None).count())
        call_command("restore", finish=True, stdout=StringIO())

        assert seen == [["503", "503", "503", "503", "200"]]
        assert after == ("restoring", "503", 2)
        assert (gate.reason(), status_of_page(), names_of(*people)) == ("", "200", ["Мария 1"])


def test_a_database_that_was_put_back_past_the_command_stays_closed_until_it_is_replayed(
    elsewhere: Callable[..., Any], tmp_path: Path
) -> None:
    people = [make_person(f"Мария {number}") for number in range(2)]
    making.make(tmp_path / "backups", at=clock.now())
    destroy(people[0])
    brought = ledger.path().read_bytes()

    with elsewhere(with_ledger=False):
        restore(tmp_path / "backups")  # as if the ledger had been lost, and is found now
        ledger.path().parent.mkdir()
        ledger.path().write_bytes(brought)
        gate.forget()
        before = (gate.reason(), status_of_page("/readyz"))
        call_command("restore", finish=True, stdout=StringIO())

        assert before == ("ledger_not_replayed", "503")
        assert (gate.reason(), names_of(*people)) == ("", ["Мария 1"])


def test_restore_refuses_a_ledger_that_lost_what_the_backup_knew(elsewhere: Callable[..., Any], tmp_path: Path) -> None:
    gone = make_person("Мария")
    destroy(gone)
    making.make(tmp_path / "backups", at=clock.now())

    with elsewhere(with_ledger=False), pytest.raises(CommandError, match="ledger of destructions") as refused:
        restore(tmp_path / "backups")

    assert refused.value.returncode == 2
    assert not (tmp_path / "elsewhere" / "restoring.json").exists()


def test_restore_refuses_a_database_in_use(tmp_path: Path) -> None:
    making.make(tmp_path / "backups", at=clock.now())

    with pytest.raises(CommandError, match="not empty"):
        restore(tmp_path / "backups")
    assert gate.reason() == ""


def test_after_the_epoch_no_old_backup_opens_with_todays_keys(elsewhere: Callable[..., Any], tmp_path: Path) -> None:
    people = [make_person(f"Мария {number}") for number in range(4)]
    wrapped = {one.pk: bytes(one.wrapped_key or b"") for one in Subject.objects.all()}
    made = making.make(tmp_path / "backups", at=clock.now())
    destroy(*people[:2])
    rotation.rotate(clock.now(), even_if_young=True)

    with elsewhere(), pytest.raises(CommandError, match="the epoch of its keys is over"):
        restore(tmp_path / "backups")
    vault = tmp_path / "backups" / "vault" / made.name / making.DATABASE
    with pytest.raises(Unreadable), vault.open("rb") as file:
        list(stream.opened(file, kind="vault", name=f"{made.name}/{making.DATABASE}"))
    ring = keyring.current()
    opened = [
        key
        for subject_id, blob in wrapped.items()
        for epoch in ring.epochs
        for of in range(1, 3)
        for key in ring.unwrap([(blob, b"subject key|%d|" % of + subject_id.bytes)], epoch)
    ]
    assert opened == [None] * 2 * len(wrapped)
    assert sorted(names_of(*people)) == ["Мария 2", "Мария 3"]
    with pytest.raises(Destroyed), processing("rights", actor=staff()) as act:
        act.cipher_of(people[0])


def test_neither_part_holds_a_key_or_a_word_of_anybody(tmp_path: Path, settings: Any) -> None:
    subject_id = make_person("Канарейкина")
    making.make(tmp_path / "backups", at=clock.now())
    ring = json.loads(Path(settings.KEYRING.removeprefix("file:")).read_text())
    needles = ["Канарейкина".encode(), subject_id.hex.encode(), str(subject_id).encode(), subject_id.bytes]
    needles += [key.encode() for key in (*ring["epochs"].values(), ring["root"])]

    written = [path for path in (tmp_path / "backups").rglob("*") if path.is_file()]

    assert len(written) == 5
    assert not [needle for path in written for needle in needles if needle in path.read_bytes()]
    assert {path.stat().st_mode & 0o077 for path in written if path.suffix == ".sealed"} == {0}


@pytest.mark.parametrize("harm", ["flip", "cut", "swap"])
def test_a_backup_that_was_tampered_with_is_refused(elsewhere: Callable[..., Any], tmp_path: Path, harm: str) -> None:
    made = making.make(tmp_path / "backups", at=clock.now())
    file = tmp_path / "backups" / "data" / made.name / making.DATABASE
    content = bytearray(file.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    elif harm == "cut":
        del content[-20:]
    else:
        content = bytearray((tmp_path / "backups" / "vault" / made.name / making.DATABASE).read_bytes())
    file.write_bytes(content)

    with elsewhere(), pytest.raises(CommandError) as refused:
        restore(tmp_path / "backups")
    assert refused.value.returncode == 2
