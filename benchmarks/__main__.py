"""`make bench`. BENCH_SUBJECTS=10000,100000 says how many people are there, BENCH_ROUNDS how often each work is done,
BENCH_WORKS=list_all,get which works, BENCH_HOME where the servers keep their data. BENCH_WORKS=question is the consent
question alone, with as many consents as BENCH_CONSENTS says, BENCH_WORKS=answer the answer to a request of a person,
BENCH_WORKS=destruction destroying people, beside as many who stay as BENCH_DESTRUCTION says, BENCH_WORKS=log the log's
tree and exports, with as many events as BENCH_EVENTS says, BENCH_WORKS=log_pages the auditor's pages, a person's and
appending, with each of these numbers of events beside the first, BENCH_WORKS=log_policies what row security costs."""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tqdm import tqdm

from benchmarks import place, report, table
from benchmarks.answer import measuring as answer
from benchmarks.destruction import measuring as destruction
from benchmarks.log import measuring as log
from benchmarks.log import pages as log_pages
from benchmarks.log import policies as log_policies
from benchmarks.place import Place
from benchmarks.question import measuring as question
from benchmarks.workers import Worker
from operator_portal.embedded.errors import EmbeddedError

SUBJECTS: Final = tuple(int(number) for number in os.environ.get("BENCH_SUBJECTS", "10000").split(","))
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "7"))
WORKS: Final = (
    tuple(os.environ.get("BENCH_WORKS", "").split(","))
    if "BENCH_WORKS" in os.environ
    else (*table.FIGURES, "write_for", "question", "answer", "destruction", "log")
)
WRITING_ROUNDS: Final = 3

OURS: Final = ("portal", table.LIMIT)
PEERS: Final = ("fernet", "django-cryptography", "auditlog", "simple-history", "pghistory")


class Team:
    """A worker, those of its contestants who are measured, and the one beside whom they are: plain Django, or the same
    change without a log."""

    def __init__(self, worker: Worker, contestants: tuple[str, ...], *, beside: str = "plain") -> None:
        self.worker = worker
        self.contestants = contestants
        self.beside = beside

    def play(self, work: str, present: int, measured: report.Measured) -> None:
        """One round: the one beside before and after, the others between in any order."""
        playing = [name for name in self.contestants if table.competes(name, work, beside=self.beside)]
        if not playing:
            return
        random.shuffle(playing)
        before = self.worker.ask(work, self.beside, present)
        answers = {name: self.worker.ask(work, name, present) for name in playing}
        after = self.worker.ask(work, self.beside, present)
        for name, figures in answers.items():
            for figure, seconds in figures.items():
                measured.setdefault((name, self.beside, figure), []).append(
                    (seconds, (before[figure] + after[figure]) / 2)
                )


def ours(at: Place) -> Worker:
    return Worker(
        place.OURS, settings="benchmarks.settings", contestants="benchmarks.sealed.contestants",
        environment=at.environment(),
    )  # fmt: skip


@contextmanager
def teams(present: int) -> Iterator[tuple[list[Team], list[Worker]]]:
    """Databases made, people loaded, workers waiting: those who compete, and the portal's eight writers."""
    home = place.locate()
    with ExitStack() as stack:
        postgres = place.start(home)
        stack.callback(postgres.stop)
        python = place.peers_python(home)
        portal = Place(home, postgres, "bench_portal")
        portal.make()
        stack.callback(portal.drop)
        place.manage(place.OURS, "benchmarks.settings", portal.environment(), *_MIGRATE)
        portal.switch_off_triggers("sealed_silentperson")
        worker = stack.enter_context(ours(portal))
        for name in ("portal", table.SILENT, "plain"):
            worker.ask("load", name, present)
        portal.settle()
        found = [Team(worker, OURS), Team(worker, OURS, beside=table.SILENT)]
        found.append(_peers(stack, Place(home, postgres, "bench_peers"), python, PEERS, present))
        try:
            server = place.start_with_pgcrypto(home, python)
        except (EmbeddedError, OSError, subprocess.CalledProcessError) as error:
            print(f"No row for pgcrypto: its PostgreSQL does not start here ({error}).")
        else:
            stack.callback(server.stop)
            found.append(_peers(stack, Place(server.home, server, "bench_pgcrypto"), python, ("pgcrypto",), present))
        yield found, [stack.enter_context(ours(portal)) for _ in range(table.WRITERS)]


_MIGRATE: Final = ("migrate", "--no-input", "--skip-checks", "--verbosity", "0")


def _peers(stack: ExitStack, at: Place, python: Path, names: tuple[str, ...], present: int) -> Team:
    at.make()
    stack.callback(at.drop)
    environment = dict(at.environment())
    if "pgcrypto" in names:
        at.add_extension("pgcrypto")
        environment["BENCH_PGCRYPTO"] = "1"
    settings = "benchmarks.peers.settings"
    place.manage(python, settings, environment, *_MIGRATE)
    place.manage(python, settings, environment, *_MIGRATE, "--run-syncdb")
    if "pghistory" in names:
        place.manage(python, settings, environment, "pgtrigger", "install")
    worker = stack.enter_context(
        Worker(python, settings=settings, contestants="benchmarks.peers.contestants", environment=environment)
    )
    for name in ("plain", *names):
        worker.ask("load", name, present)
    at.settle()
    return Team(worker, names)


def write_at_once(writers: list[Worker], present: int) -> dict[str, float]:
    """Changes a second of all the writers together, by contestant."""
    rates = {}
    for name in random.sample(("plain", "hand-written log", "portal"), 3):
        for writer in writers:
            writer.tell("write_for", name, present)
        rates[name] = sum(1 / writer.hear()["write_for"] for writer in writers)
    return rates


def measure(present: int) -> None:
    measured: report.Measured = {}
    rates: report.Rates = {"plain": [], "hand-written log": [], "portal": []}
    works = [work for work in WORKS if work in table.FIGURES]
    writing = WRITING_ROUNDS if "write_for" in WORKS else 0
    print(f"Preparing {present:,} people for each contestant …", flush=True)
    with teams(present) as (found, writers), tqdm(total=ROUNDS * len(works) + writing, unit="work") as progress:
        for work in works:
            for team in found:
                team.play(work, present, {})  # caches and plans are warm from now on
        for _ in range(ROUNDS):
            for work in works:
                for team in found:
                    team.play(work, present, measured)
                progress.update()
        for _ in range(writing):
            for name, rate in write_at_once(writers, present).items():
                rates[name].append(rate)
            progress.update()
    print("\n".join(report.lines(measured, rates if writing else {}, present)))
    print(f"\nEvery round is in {report.write(measured, rates, present)}")


if __name__ == "__main__":
    if set(WORKS) - {"question", "answer", "destruction", "log", "log_pages", "log_policies"}:
        for subjects in SUBJECTS:
            measure(subjects)
    if "question" in WORKS:
        question.measure()
    if "answer" in WORKS:
        answer.measure()
    if "destruction" in WORKS:
        destruction.measure()
    if "log" in WORKS:
        log.measure()
    if "log_pages" in WORKS:
        log_pages.measure()
    if "log_policies" in WORKS:
        log_policies.measure()
