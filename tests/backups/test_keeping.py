"""Backups are made each day, tried each week, and kept no longer than was said."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backups import drills, keeping, making, selectors, tasks
from backups.models import Backup, Drill
from law import clock
from operator_portal.embedded.cluster import drop_database, ensure_drill_database
from operator_portal.embedded.home import DRILL
from operator_portal.testing.databases import SlotDatabase
from personal_data import rotation
from processing_log.models import Event
from retention.destruction import destroy_due
from tests.factories.retention import make_clock, make_modest_person

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def drill_database(slot_database: SlotDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    services, name = slot_database.services, f"portal_drill_{slot_database.slot.number:03}"
    ensure_drill_database(services.postgres, name)
    monkeypatch.setenv("DRILL_DATABASE_URL", services.home.database_url(DRILL, name))
    yield name
    drop_database(services.postgres, name)


def parts(folder: Path) -> set[str]:
    return {f"{path.parent.name}/{path.name}" for path in folder.glob("*/*")}


def test_keys_go_after_a_week_and_data_after_the_profiles_term(own_home: Path) -> None:
    now = clock.now()
    old, week, new = (making.make(own_home / "backups", at=now - days * DAY) for days in (30, 7, 0))

    assert keeping.remove_old(now) == 3
    assert parts(own_home / "backups") == {f"data/{week.name}", f"data/{new.name}", f"vault/{new.name}"}
    assert Backup.objects.get(pk=old.pk).removed_at == now
    assert keeping.remove_old(now) == 0


def test_keys_of_the_newest_backup_stay_until_their_epoch_ends(own_home: Path) -> None:
    now = clock.now()
    made = making.make(own_home / "backups", at=now - 9 * DAY)

    kept = (keeping.remove_old(now), parts(own_home / "backups"))
    rotation.rotate(now, even_if_young=True)
    keeping.remove_old(now)

    assert kept == (0, {f"data/{made.name}", f"vault/{made.name}"})
    assert parts(own_home / "backups") == {f"data/{made.name}"}


def test_a_backup_is_due_once_a_day_and_one_at_a_time(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRILL_DATABASE_URL", raising=False)

    tasks.back_up()
    tasks.back_up()

    assert Backup.objects.count() == 1
    assert keeping.is_due(clock.now() + DAY)
    assert Event.objects.filter(fact="backup_made").count() == 1


def test_the_drill_restores_the_newest_backup_and_leaves_nothing(own_home: Path, drill_database: str) -> None:
    people = [make_modest_person(name=f"Мария {number}") for number in range(3)]
    making.make(own_home / "backups", at=clock.now())
    make_clock(subject_id=people[0], started_at=clock.now() - 40 * DAY)
    destroy_due(clock.now())

    result = drills.drill(own_home / "backups", at=clock.now())

    assert (result.trouble, result.is_sound) == ("", True)
    assert (result.people, result.replayed) == (3, 1)
    assert result.opened > 0
    assert not list((own_home / "run").iterdir())
    standing = selectors.standing(clock.now())
    assert (standing.is_well, standing.drill_age, standing.backup_age) == (True, 0, 0)


def test_a_drill_that_fails_says_so(own_home: Path, drill_database: str) -> None:
    made = making.make(own_home / "backups", at=clock.now())
    (own_home / "backups" / "data" / made.name / making.DATABASE).write_bytes(b"broken")

    result = drills.drill(own_home / "backups", at=clock.now())

    assert not result.is_sound
    assert "is not what was written" in result.trouble
    assert not selectors.standing(clock.now()).is_well
    assert Drill.objects.count() == 1
