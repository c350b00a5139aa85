"""kill -9 of the destroying process at 200 random moments: everybody is wholly there or wholly gone, with a record.
DESTRUCTION_KILLS=40 kills less often."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction

from law import clock
from personal_data import data_map
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.models import Event
from retention import ledger
from retention.destruction import destroy_due
from retention.models import Destruction, FileDebt, LedgerDebt
from tests.factories.personal_data import person
from tests.factories.retention import make_clock, make_modest_person
from tests.specimens.models import Specimen

KILLS = int(os.environ.get("DESTRUCTION_KILLS", "200"))
PEOPLE_A_RUN = 4
LONGEST_SECONDS = 5.0
FORTY_DAYS = timedelta(days=40)
ROOT = Path(__file__).resolve().parents[2]


class Victim:
    """Runs `destroy_due` in a process of its own, again and again. `lasts` is how long a run takes that nobody kills:
    shorter than was thought when one gets to its end, longer when one had done nothing yet, because the machine has
    other things to do too."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lasts = 0.5

    def run_and_kill(self) -> bool:
        """True if the process was killed in the middle, False if it had finished before."""
        assert self.process.stdin
        self.process.stdin.write(f"{random.choice([1, 2, 3])}\n")
        self.process.stdin.flush()
        pid, started = int(self._answer()), monotonic()
        sleep(random.uniform(0, self.lasts))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if os.waitstatus_to_exitcode(int(self._answer())) == -signal.SIGKILL:
            return True
        self.lasts = min(self.lasts, monotonic() - started) * 0.9
        return False

    def came_too_early(self) -> None:
        self.lasts = min(self.lasts * 1.05, LONGEST_SECONDS)

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()


@contextmanager
def victim(home: Path) -> Iterator[Victim]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.retention.victim"],
        cwd=ROOT,
        env={**os.environ, "PORTAL_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Victim(process)
    finally:
        process.kill()
        process.communicate()


def make_person_due() -> UUID:
    subject_id = make_modest_person()
    with processing("rights", actor=person(subject_id)):
        Specimen.objects.create(subject_id=subject_id, name="Мария", scan=ContentFile(b"x", name="scan"))
    make_clock(subject_id=subject_id, started_at=clock.now() - FORTY_DAYS)
    return subject_id


def ensure_everybody_is_wholly_there_or_wholly_gone() -> set[UUID]:
    """In one snapshot: a commit that was on its way when the process died may arrive meanwhile. Returns the living."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        people = dict(Subject.objects.values_list("id", "destroyed_at"))
        living = {subject_id for subject_id, destroyed_at in people.items() if destroyed_at is None}
        whole = Counter(dict.fromkeys(living, 1))
        for model, path in TABLES.items():
            assert Counter(model._base_manager.values_list(path, flat=True)) == whole, model
        gone = Counter(dict.fromkeys(people.keys() - living, 1))
        assert Counter(Destruction.objects.values_list("subject", flat=True)) == gone
        assert Counter(Event.objects.filter(fact="subject_destroyed").values_list("subject", flat=True)) == gone
    return living


TABLES = {
    holding.model: holding.path
    for holding in data_map.holdings()
    if holding.model._meta.label
    in {
        "account.EmailAddress",
        "accounts.MailAddress",
        "accounts.Profile",
        "accounts.User",
        "retention.Clock",
        "specimens.Specimen",
    }
}


@pytest.mark.django_db(transaction=True)
def test_kill_at_random_moments_leaves_everybody_wholly_there_or_wholly_gone(own_ledger: Path) -> None:
    kills, halfway, people = 0, 0, {make_person_due()}
    with victim(own_ledger) as process:
        while kills < KILLS:
            living = ensure_everybody_is_wholly_there_or_wholly_gone()
            people |= {make_person_due() for _ in range(PEOPLE_A_RUN - len(living))}
            before = Destruction.objects.count()
            was_killed = process.run_and_kill()
            kills += was_killed
            destroyed = Destruction.objects.count() - before
            halfway += was_killed and 0 < destroyed < PEOPLE_A_RUN
            if was_killed and not destroyed:
                process.came_too_early()

    while ensure_everybody_is_wholly_there_or_wholly_gone():
        destroy_due(clock.now())
    destroy_due(clock.now())

    assert len(TABLES) == 6
    assert halfway > KILLS / 20, "the kills came too early or too late to mean anything"
    assert sorted(Destruction.objects.values_list("running", flat=True)) == list(range(1, len(people) + 1))
    assert {line.subject for line in ledger.read()} == people
    assert not [path for path in (own_ledger / "files").rglob("*") if path.is_file()]
    assert (LedgerDebt.objects.count(), FileDebt.objects.count()) == (0, 0)
