"""The part of `make bench` about row security: the same work with the policies of the log and, in the same run, with
row security switched off."""

import json
import os
import random
import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from tqdm import tqdm

from benchmarks import place
from benchmarks.log.measuring import _MAKE
from benchmarks.log.telling import Told
from benchmarks.place import Place
from benchmarks.report import RESULTS, aligned, spread

EVENTS: Final = int(os.environ.get("BENCH_EVENTS", "100000").split(",")[-1])
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "7"))
SETTINGS: Final = "benchmarks.settings"
TITLES: Final = {
    "append": "append five hundred events",
    "csv": "the portal exports CSV",
    "package": "the portal exports a ZIP with proof",
    "csv_of_an_auditor": "an auditor exports CSV",
    "package_of_an_auditor": "an auditor exports a ZIP with proof",
}

Rounds = dict[str, list[dict[bool, float]]]


def measure() -> None:
    print(f"\nPreparing {EVENTS:,} events …", flush=True)
    home = place.locate()
    with ExitStack() as stack:
        postgres = place.start(home)
        stack.callback(postgres.stop)
        at = Place(home, postgres, "bench_policies")
        at.make()
        stack.callback(at.drop)
        shutil.rmtree(home.path / "exports", ignore_errors=True)
        stack.callback(shutil.rmtree, home.path / "exports", ignore_errors=True)
        place.manage(place.OURS, SETTINGS, at.environment(), "migrate", "--no-input", "--skip-checks", "-v", "0")
        with postgres.connect(at.database) as connection:
            connection.execute(_MAKE.encode(), [EVENTS])
        with Told("benchmarks.log.guarded", SETTINGS, at.environment()) as guarded:
            guarded.ask("prepare")
            at.settle()
            found = _rounds(at, guarded)
    print("\n".join(_lines(found)))
    print(f"\nEvery round is in {_write(found)}")


def _rounds(at: Place, guarded: Told) -> Rounds:
    found: Rounds = {work: [] for work in TITLES}
    for turn in tqdm(range(ROUNDS + 1), unit="round"):
        for work in TITLES:
            seconds = {}
            for is_on in random.sample([True, False], 2):
                _switch(at, is_on=is_on)
                seconds[is_on] = guarded.ask("time", work)
            if turn:  # the first one warms up
                found[work].append(seconds)
    return found


def _switch(at: Place, *, is_on: bool) -> None:
    verb = "ENABLE" if is_on else "DISABLE"
    with at.postgres.connect(at.database) as connection:
        for table in ("event", "leaf"):
            connection.execute(f"ALTER TABLE processing_log_{table} {verb} ROW LEVEL SECURITY".encode())


def _lines(found: Rounds) -> list[str]:
    table = [["", "without, ms", "with policies"]]
    for work, rounds in found.items():
        ratios = sorted(each[True] / each[False] for each in rounds)
        table.append([TITLES[work], f"{median(each[False] for each in rounds) * 1000:.0f}", spread(ratios)])
    return [
        "",
        f"What row security costs a log of {EVENTS:,} events, ratio to the same without it",
        "",
        *aligned(table),
    ]


def _write(found: Rounds) -> Path:
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"log-policies-{time.strftime('%Y%m%d-%H%M%S')}.json"
    content = {work: [[each[True], each[False]] for each in rounds] for work, rounds in found.items()}
    file.write_text(json.dumps({"events": EVENTS, "with and without": content}, indent=1) + "\n")
    return file
