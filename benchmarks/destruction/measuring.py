"""The part of `make bench` about destruction. BENCH_DESTRUCTION=10000,100000 says how many people are there."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tqdm import tqdm

from benchmarks import place
from benchmarks.destruction import crowd, telling
from benchmarks.destruction.telling import Found
from benchmarks.place import Place
from operator_portal.embedded.home import ROOT

PRESENT: Final = tuple(int(number) for number in os.environ.get("BENCH_DESTRUCTION", "10000,100000").split(","))
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "5"))
#: destroyed in each round, beside those who are there and stay
LEAVING: Final = int(os.environ.get("BENCH_LEAVING", "2000"))
SETTINGS: Final = "benchmarks.destruction.settings"
_DAY: Final = timedelta(days=1)
_FIRST_DUE: Final = datetime(2026, 6, 1, tzinfo=UTC)


def measure() -> None:
    found = Found(leaving=LEAVING)
    for present in sorted(PRESENT):
        print(f"\nPreparing {present:,} people with 20 rows each, twice …", flush=True)
        with database(present) as (at, job):
            _rounds(at, job, present, found)
    print("\n".join(telling.lines(found)))
    print(f"\nEvery round is in {telling.write(found)}")


def _rounds(at: Place, job: "subprocess.Popen[str]", present: int, found: Found) -> None:
    """Each round has people of its own who leave: one group by the portal, the plain twins of it by DELETE, the plain
    twins of another by Django. The first round warms up."""
    for number in tqdm(range(ROUNDS + 1), unit="round", leave=False):
        first = present + 2 * LEAVING * number
        due = (_FIRST_DUE + _DAY * number).isoformat()
        with at.postgres.connect(at.database) as connection:
            crowd.grow(connection, first, first + 2 * LEAVING - 1)
            crowd.start_clocks(connection, first, first + LEAVING - 1, due=due)
            crowd.settle(connection)
        ours, theirs = (first, first + LEAVING - 1), (first + LEAVING, first + 2 * LEAVING - 1)
        order = [("plain", ours), ("portal", ours), ("django", theirs)]
        took = {way: _ask(job, way, span, due) for way, span in (order if number % 2 else reversed(order))}
        if number:
            found.rounds.setdefault(present, []).append({way: seconds for way, (seconds, _work) in took.items()})
            found.work.setdefault(present, []).append({way: work for way, (_seconds, work) in took.items()})


def _ask(job: "subprocess.Popen[str]", way: str, span: tuple[int, int], due: str) -> tuple[float, float]:
    assert job.stdin
    assert job.stdout
    job.stdin.write(json.dumps({"way": way, "first": span[0], "last": span[1], "due": due}) + "\n")
    job.stdin.flush()
    seconds, work = json.loads(job.stdout.readline())
    return seconds, work


@contextmanager
def database(present: int) -> Iterator[tuple[Place, Any]]:
    home = place.locate()
    with ExitStack() as stack:
        postgres = place.start(home)
        stack.callback(postgres.stop)
        at = Place(home, postgres, "bench_destruction")
        at.make()
        stack.callback(at.drop)
        place.manage(place.OURS, SETTINGS, at.environment(), "migrate", "--no-input", "--skip-checks", "-v", "0")
        with at.postgres.connect(at.database) as connection:
            crowd.settle_in(connection, present)
        job = subprocess.Popen(
            [place.OURS, "-m", "benchmarks.destruction.job"],
            env={**os.environ, **at.environment(), "DJANGO_SETTINGS_MODULE": SETTINGS, "PYTHONPATH": str(ROOT)},
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        stack.callback(job.wait)
        stack.callback(lambda: job.stdin and job.stdin.close())
        yield at, job
