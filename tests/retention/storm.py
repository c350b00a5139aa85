"""Everything that destroys is killed again and again: `python -m tests.retention.storm KILLS`, in a PORTAL_HOME that is
there for nothing else. Worker, broker and PostgreSQL are the portal's own; kill -9 comes at a random moment of a
destruction. Afterwards each person is wholly there or wholly gone. Says what came of it as JSON, earlier on SIGTERM."""

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM, signal
from time import monotonic, sleep
from typing import Final
from uuid import UUID

from operator_portal.embedded.broker import Broker
from operator_portal.embedded.cluster import ensure_database, ensure_keyring
from operator_portal.embedded.home import DATABASE, ROOT, Home
from operator_portal.embedded.postgres import Postgres
from operator_portal.embedded.processes import Process

PEOPLE: Final = 8
LONGEST_SECONDS: Final = 5.0
PATIENCE: Final = 120
SETTINGS: Final = {
    "DJANGO_SETTINGS_MODULE": "operator_portal.testing.settings", "OPERATOR_PROFILE": "loyal_club", "DEMO": "0",
    "ALLOWED_HOSTS": "localhost", "BASE_URL": "http://localhost", "DATABASE_POOL": "",
}  # fmt: skip
WORKER: Final = (
    sys.executable, "-m", "celery", "-A", "operator_portal.celery", "worker", "--loglevel", "error",
    "--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat",
)  # fmt: skip


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, SIGKILL)


class Stage:
    """The three servers, and how each of them is killed and comes back."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.postgres = Postgres(home, {"fsync": "off", "autovacuum": "off"})
        self.broker = Broker(home)
        self.worker: Process | None = None

    def start(self) -> None:
        ensure_keyring(self.postgres)
        self.broker.start()
        self.postgres.start()
        ensure_database(self.postgres, DATABASE)
        command = [sys.executable, ROOT / "manage.py", "migrate", "--no-input", "--skip-checks", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, check=True)
        self.start_worker()

    def start_worker(self) -> None:
        log = self.home.logs / "worker.log"
        self.worker = Process.start(WORKER, env=os.environ, cwd=ROOT, log=log, account=None)

    def stop(self) -> None:
        if self.worker:
            self.worker.kill_session()
        self.broker.stop()
        self.postgres.stop()

    def kill_postgres(self) -> None:
        pid = self.postgres.pid() or 0
        everybody = [pid, *children_of(pid)]
        for one in everybody:
            kill(one)
        self.postgres = Postgres(self.home, self.postgres.settings)
        self.postgres.start()

    def kill_broker(self) -> None:
        kill(self.broker.pid() or 0)
        self.broker = Broker(self.home)
        self.broker.start()

    def kill_hand(self) -> None:
        """One of the worker's processes; the worker starts another."""
        assert self.worker
        hands = children_of(self.worker.pid)
        if hands:
            kill(random.choice(hands))

    def kill_worker(self) -> None:
        assert self.worker
        self.worker.kill_session()
        for hand in children_of(self.worker.pid):
            kill(hand)
        self.start_worker()


def main(kills: int) -> None:
    home = Home.locate()
    home.prepare()
    os.environ.update(home.environment() | SETTINGS)
    stage = Stage(home)
    try:
        stage.start()
        print(json.dumps(storm(stage, kills)))
    finally:
        stage.stop()


def storm(stage: Stage, kills: int) -> dict[str, object]:
    import django

    django.setup()
    from django.db import connection

    from tests.retention.test_killed import ensure_everybody_is_wholly_there_or_wholly_gone, make_person_due

    ways = {"postgres": stage.kill_postgres, "broker": stage.kill_broker, "hand": stage.kill_hand}
    ways["worker"] = stage.kill_worker
    killed, outcomes, people, lasts = Counter[str](), Counter[str](), 0, 0.5
    living = _until_the_worker_works(make_person_due, ensure_everybody_is_wholly_there_or_wholly_gone)
    people += 1
    asked_to_end = threading.Event()
    signal(SIGTERM, lambda *_: asked_to_end.set())
    while killed.total() < kills and not asked_to_end.is_set():
        people += PEOPLE - len(living)
        for _ in range(PEOPLE - len(living)):
            make_person_due()
        _ask_for_destruction()
        sleep(random.uniform(0, lasts))
        [way] = random.choices(list(ways), weights=[4, 2, 3, 1])
        ways[way]()
        killed[way] += 1
        connection.close()
        living = ensure_everybody_is_wholly_there_or_wholly_gone()
        outcomes["nobody gone yet" if len(living) == PEOPLE else "all gone" if not living else "some gone"] += 1
        lasts = max(lasts * 0.8, 0.1) if not living else min(lasts * 1.3, LONGEST_SECONDS)
    return {"kills": dict(killed), "outcomes": dict(outcomes), "people": people, **_one_sweep_later()}


def _until_the_worker_works(make: Callable[[], UUID], living: Callable[[], set[UUID]]) -> set[UUID]:
    """It has destroyed somebody: from now on it takes no longer than it takes."""
    make()
    deadline = monotonic() + PATIENCE
    while living() and monotonic() < deadline:
        _ask_for_destruction()
        sleep(1)
    return living()


def _ask_for_destruction() -> None:
    """As beat does; a broker that has just come back may not hear it."""
    from kombu.exceptions import OperationalError

    from retention.tasks import destroy_due

    for _ in range(2):
        with suppress(OperationalError):
            destroy_due.delay()


def _one_sweep_later() -> dict[str, object]:
    from django.conf import settings
    from django.db import connection
    from django.db.models import Count

    from law import clock
    from retention import destruction, ledger
    from retention.models import Destruction, FileDebt, LedgerDebt, Run
    from tests.retention.test_killed import ensure_everybody_is_wholly_there_or_wholly_gone

    deadline = monotonic() + PATIENCE
    while ensure_everybody_is_wholly_there_or_wholly_gone() and monotonic() < deadline:
        destruction.destroy_due(clock.now())  # those whom the worker holds at this moment it destroys itself
        sleep(0.2)
    destruction.destroy_due(clock.now())
    connection.close()
    runs = Run.objects.annotate(records=Count("destructions"))
    return {
        "living": len(ensure_everybody_is_wholly_there_or_wholly_gone()),
        "records": Destruction.objects.count(),
        "numbers": list(Destruction.objects.order_by("running").values_list("running", flat=True))
        == list(range(1, Destruction.objects.count() + 1)),
        "of_acts": sum(run.records for run in runs),
        "acts_that_say_otherwise": sum(run.destroyed != run.records for run in runs if run.finished_at),
        "ledger": len({line.subject for line in ledger.read()}),
        "debts": LedgerDebt.objects.count() + FileDebt.objects.count(),
        "files": sum(path.is_file() for path in Path(settings.FILES_DIR).rglob("*")),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
