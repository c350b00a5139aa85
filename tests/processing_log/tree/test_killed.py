"""Fifty writers with aborts, a sequencer at work, and PostgreSQL killed in the middle: exactly what was committed is in
the tree, in one contiguous row. WRITES=1000 makes it a thousand events a writer."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest

from operator_portal.embedded.cluster import ensure_database
from operator_portal.embedded.home import APP, DATABASE, OWNER, ROOT, Home
from operator_portal.embedded.postgres import Postgres
from tests.processing_log.tree import by_the_book
from tests.processing_log.tree.test_sequencer import INSERT

WRITERS: Final = int(os.environ.get("WRITERS", "50"))
WRITES: Final = int(os.environ.get("WRITES", "40"))
SETTINGS: Final = {"max_connections": "120"}

SEQUENCE: Final = """
import time, django
django.setup()
from django.db import Error, connection
from processing_log.sequencer import sequence
while True:
    try:
        print(sequence(limit=97), flush=True)
    except Error:
        connection.close()
    time.sleep(0.05)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    home.prepare()
    yield home
    home.erase()


@pytest.fixture
def postgres(home: Home) -> Iterator[Postgres]:
    postgres = Postgres(home, SETTINGS)
    postgres.start()
    ensure_database(postgres, DATABASE)
    manage(home, "migrate", "--no-input", "--skip-checks", "--verbosity", "0")
    yield postgres
    Postgres(home).stop()


def environment(home: Home) -> dict[str, str]:
    urls = {"DATABASE_URL": home.database_url(APP), "DATABASE_OWNER_URL": home.database_url(OWNER)}
    return {**os.environ, **urls, "PYTHONPATH": str(ROOT)}


def manage(home: Home, *command: str) -> None:
    subprocess.run([sys.executable, ROOT / "manage.py", *command], env=environment(home), cwd=ROOT, check=True)


class Writer(threading.Thread):
    """Remembers what was certainly committed and what certainly was not; what the kill cut off is neither."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__()
        self.url, self.number, self.committed, self.aborted = url, number, set[str](), set[str]()
        self.chance = random.Random(number)

    def run(self) -> None:
        turn = 0
        while turn < WRITES:
            try:
                with psycopg.connect(self.url, autocommit=False) as connection:
                    while turn < WRITES:
                        self.write(connection, f"{self.number}-{turn}")
                        turn += 1
            except psycopg.Error:
                turn += 1
                time.sleep(0.1)

    def write(self, connection: psycopg.Connection[object], name: str) -> None:
        connection.execute(INSERT, [name])
        if self.chance.random() < 0.2:
            time.sleep(self.chance.random() / 50)  # others overtake
        if self.chance.random() < 0.1:
            connection.rollback()
            self.aborted.add(name)
        else:
            connection.commit()
            self.committed.add(name)


def test_exactly_the_committed_events_are_in_the_tree_after_aborts_and_a_kill(home, postgres):
    writers = [Writer(home.database_url(APP), number) for number in range(WRITERS)]
    sequencer = subprocess.Popen(
        [sys.executable, "-c", SEQUENCE], env=environment(home), cwd=ROOT, stdout=subprocess.PIPE
    )
    assert sequencer.stdout
    try:
        sequencer.stdout.readline()  # it is at work
        for writer in writers:
            writer.start()
        _wait_until_some_are_written(writers)
        pid = postgres.pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        postgres.start()
        for writer in writers:
            writer.join()
        _wait_until_all_are_taken(postgres)
    finally:
        sequencer.kill()
        sequencer.wait()
        sequencer.stdout.close()

    with postgres.connect(DATABASE) as connection:
        kept = {row[0] for row in connection.execute("SELECT reason FROM processing_log_event")}
        leaves = connection.execute(
            "SELECT l.index, l.data, e.reason FROM processing_log_leaf l"
            " JOIN processing_log_event e ON e.id = l.event_id AND e.at = l.event_at ORDER BY l.index"
        ).fetchall()
        found = connection.execute("SELECT size, root, alarm FROM processing_log_treestate").fetchone()
        assert found
        size, root, alarm = found
    assert set().union(*(writer.committed for writer in writers)) <= kept
    assert set().union(*(writer.aborted for writer in writers)) & kept == set()
    assert sorted(reason for _index, _data, reason in leaves) == sorted(kept)
    assert [index for index, _data, _reason in leaves] == list(range(len(kept)))
    assert (size, bytes(root)) == (len(kept), by_the_book.mth([bytes(data) for _index, data, _reason in leaves]))
    assert alarm == ""


def _wait_until_some_are_written(writers: list[Writer]) -> None:
    deadline = time.monotonic() + 60
    while sum(len(writer.committed) for writer in writers) < WRITERS * WRITES / 3 and time.monotonic() < deadline:
        time.sleep(0.01)


def _wait_until_all_are_taken(postgres: Postgres) -> None:
    deadline = time.monotonic() + 60
    with postgres.connect(DATABASE) as connection:
        while time.monotonic() < deadline:
            (left,) = connection.execute(
                "SELECT (SELECT count(*) FROM processing_log_event) - (SELECT count(*) FROM processing_log_leaf)"
            ).fetchone() or (0,)
            if left == 0:
                return
            time.sleep(0.1)
