"""The part of `make bench` about what is open every day: the auditor's pages, a person's log and appending, with as
many events as BENCH_EVENTS says. Two logs or more stand side by side and are asked in turn; a ratio is to the first."""

import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

from tqdm import tqdm

from benchmarks import place
from benchmarks.log import crowd
from benchmarks.log.telling import Told
from benchmarks.log.works import WORKS
from benchmarks.place import Place
from benchmarks.report import RESULTS, aligned, spread

EVENTS: Final = tuple(int(number) for number in os.environ.get("BENCH_EVENTS", "10000,100000").split(","))
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "9"))
SETTINGS: Final = "benchmarks.log.settings"
REACH: Final = 1.25


def measure() -> None:
    with ExitStack() as stack:
        home = place.locate()
        postgres = place.start(home)
        stack.callback(postgres.stop)
        desks = {
            number: stack.enter_context(_desk(Place(home, postgres, f"bench_log_{number}"), number))
            for number in EVENTS
        }
        found = _rounds(desks)
        plans = {number: {work: desk.ask("plans", work) for work in found} for number, desk in desks.items()}
    print("\n".join(_lines(found)))
    print(f"\nEvery round and every plan is in {_write(found, plans)}")


@contextmanager
def _desk(at: Place, number: int) -> Iterator[Told]:
    print(f"\nPreparing {number:,} events …", flush=True)
    at.make()
    try:
        with at.postgres.connect() as connection:
            connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")  # while it is filled
            connection.execute("SELECT pg_reload_conf()")
        place.manage(place.OURS, SETTINGS, at.environment(), "migrate", "--no-input", "--skip-checks", "-v", "0")
        with Told("benchmarks.log.desk", SETTINGS, at.environment()) as desk:
            person = UUID(desk.ask("prepare"))
            began = time.perf_counter()
            with at.postgres.connect(at.database) as connection:
                crowd.fill(connection, number, person)
            filled = time.perf_counter()
            present = desk.ask("settle")
            at.settle()
            with at.postgres.connect() as connection:
                connection.execute("ALTER SYSTEM RESET max_wal_size")
                connection.execute("SELECT pg_reload_conf()")
            print(f"{present:,}: filled in {filled - began:.0f} s, in the tree, signed and counted in"
                  f" {time.perf_counter() - filled:.0f} s", flush=True)  # fmt: skip
            desk.ask("open")
            yield desk
    finally:
        at.drop()


def _rounds(desks: dict[int, Told]) -> dict[str, list[dict[int, float]]]:
    found: dict[str, list[dict[int, float]]] = {work: [] for work in WORKS}
    for turn in tqdm(range(ROUNDS + 1), unit="round"):
        for work in WORKS:
            seconds = {number: desks[number].ask("time", work) for number in random.sample([*desks], len(desks))}
            if turn:  # the first one warms up
                found[work].append(seconds)
    return found


def _lines(found: dict[str, list[dict[int, float]]]) -> list[str]:
    first, *others = EVENTS
    head = ["", f"{first:,} events, ms", *(f"{number:,} events" for number in others), "reach"]
    table = [head, *(_row(work, rounds) for work, rounds in found.items())]
    return ["", f"What is open every day, beside the log of {first:,} events in the same run", "", *aligned(table)]


def _row(work: str, rounds: list[dict[int, float]]) -> list[str]:
    first, *others = EVENTS
    ratios = [sorted(each[number] / each[first] for each in rounds) for number in others]
    is_flat = all(median(ratio) <= REACH for ratio in ratios)
    shown = [spread(ratio) for ratio in ratios]
    return [
        work,
        f"{median(each[first] for each in rounds) * 1000:.1f}",
        *shown,
        f"≤ {REACH}: {'yes' if is_flat else 'no'}",
    ]


def _write(found: dict[str, list[dict[int, float]]], plans: dict[int, dict[str, list[str]]]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"log-pages-{max(EVENTS)}-{time.strftime('%Y%m%d-%H%M%S')}.json"
    file.write_text(json.dumps({"rounds": found, "plans": plans}, indent=1, ensure_ascii=False) + "\n")
    text = [
        f"### {number:,} events: {work}\n\n" + "\n\n".join(asked)
        for number, by in plans.items()
        for work, asked in by.items()
    ]
    file.with_suffix(".txt").write_text("\n\n".join(text) + "\n")
    return file.with_suffix(".txt")
