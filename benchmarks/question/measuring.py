"""The part of `make bench` about the consent question. BENCH_CONSENTS=10000,100000 says how many are there."""

import json
import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from tqdm import tqdm

from benchmarks import place
from benchmarks.place import Place
from benchmarks.question import crowd, telling
from benchmarks.question.callers import Calls
from benchmarks.question.clerk import PURPOSE
from benchmarks.question.telling import Found
from operator_portal.embedded.home import ROOT

CONSENTS: Final = tuple(int(number) for number in os.environ.get("BENCH_CONSENTS", "10000,100000,1000000").split(","))
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "7"))
SECONDS: Final = 1.0
CALM_SECONDS: Final = 5.0
CALM_ROUNDS: Final = 3
PEOPLE_ASKED_ABOUT: Final = 10_000
SETTINGS: Final = "benchmarks.question.settings"
QUESTION: Final = "/api/v1/may/"
#: A cookie sends a question through Django.
BEHIND: Final = {"Cookie": "a=b"}
#: name → address and headers of the question, and of the constant beside it
WAYS: Final[Mapping[str, tuple[tuple[str, dict[str, str]], tuple[str, dict[str, str]]]]] = {
    "as shipped, ahead of Django": ((QUESTION, {}), ("/constant/", {})),
    "through Django and DRF": ((QUESTION, BEHIND), ("/api/v1/constant/", BEHIND)),
}


@dataclass(kw_only=True)
class Bench:
    """A database with consents in it, and how the portal's processes are told of it."""

    at: Place
    environment: Mapping[str, str]
    key: str = ""
    people: tuple[str, ...] = ()
    present: int = 0

    def run(self, *command: str, **options: Any) -> Any:
        child = self.start(*command, **options)
        answer, _ = child.communicate(options.get("input"))
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, command)
        return json.loads(answer)

    def start(self, *command: str, **_: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [place.OURS, "-m", *command],
            env={**os.environ, **self.environment, "DJANGO_SETTINGS_MODULE": SETTINGS, "PYTHONPATH": str(ROOT)},
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def clerk(self, *command: str) -> Any:
        return self.run("benchmarks.question.clerk", *command)

    def prepare(self) -> None:
        made = self.clerk("prepare")
        self.key, self.people = made["key"], tuple(made["people"])
        with self.at.postgres.connect(self.at.database) as connection:
            crowd.make_bare(connection)

    def grow(self, present: int) -> None:
        with self.at.postgres.connect(self.at.database) as connection:
            crowd.grow(connection, self.people[0], self.present, present - 1)
        self.present = present


@contextmanager
def bench() -> Iterator[Bench]:
    home = place.locate()
    with ExitStack() as stack:
        postgres = place.start(home)
        stack.callback(postgres.stop)
        at = Place(home, postgres, "bench_question")
        at.make()
        stack.callback(at.drop)
        place.manage(place.OURS, SETTINGS, at.environment(), "migrate", "--no-input", "--skip-checks", "-v", "0")
        (home.path / "static").mkdir(exist_ok=True)
        made = Bench(at=at, environment=at.environment())
        made.prepare()
        yield made


def measure() -> None:
    found = Found(consents=max(CONSENTS))
    print("\nPreparing consents …", flush=True)
    with bench() as prepared:
        for present in sorted(CONSENTS):
            prepared.grow(present)
            found.statements[present] = prepared.clerk("statements", prepared.key, str(present))
        with serving(prepared) as port:
            _ask_over_http(prepared, port, found)
    print("\n".join(telling.lines(found)))
    print(f"\nEvery round is in {telling.write(found)}")


def _ask_over_http(prepared: Bench, port: int, found: Found) -> None:
    calls = _calls(prepared, port)
    with tqdm(total=(ROUNDS + 1) * len(WAYS) + 2 * CALM_ROUNDS, unit="round") as progress:
        for number in range(ROUNDS + 1):
            for way, sides in WAYS.items():
                rates = _one_round(prepared, calls, sides)
                if number:  # the first one warms up
                    found.rounds.setdefault(way, []).append(rates)
                progress.update()
        half = replace(calls, pace=found.peak() / 2, seconds=CALM_SECONDS)
        for _ in range(CALM_ROUNDS):
            found.calm.append(_call(prepared, half))
            progress.update()
            found.withdrawing.append(_call_while_withdrawing(prepared, half))
            progress.update()


def _calls(prepared: Bench, port: int) -> Calls:
    """About anybody, and now and then about those who are giving and withdrawing."""
    numbers = random.sample(range(prepared.present), min(prepared.present, PEOPLE_ASKED_ABOUT))
    people = [*(str(crowd.person(number)) for number in numbers), *prepared.people]
    random.shuffle(people)
    bodies = [json.dumps({"purpose": PURPOSE, "subject": each}) for each in people]
    return Calls(port=port, path=QUESTION, key=prepared.key, bodies=bodies, seconds=SECONDS)


def _one_round(prepared: Bench, calls: Calls, sides: Any) -> dict[str, dict[str, float]]:
    """Both in any order, the one that began once more at the end."""
    names = random.sample(("question", "constant"), 2)
    of = dict(zip(("question", "constant"), sides, strict=True))
    answers = {name: _call(prepared, replace(calls, path=of[name][0], headers=of[name][1])) for name in names}
    again = _call(prepared, replace(calls, path=of[names[0]][0], headers=of[names[0]][1]))
    answers[names[0]] = {figure: (value + again[figure]) / 2 for figure, value in answers[names[0]].items()}
    return answers


def _call(prepared: Bench, calls: Calls) -> dict[str, float]:
    answer: dict[str, float] = prepared.run("benchmarks.question.callers", input=calls.as_order())
    return answer


def _call_while_withdrawing(prepared: Bench, calls: Calls) -> dict[str, float]:
    clerk = prepared.start("benchmarks.question.clerk", "withdraw", str(calls.seconds + 3), *prepared.people[1:])
    time.sleep(2.5)  # until it has begun
    answer = _call(prepared, calls)
    acts, _ = clerk.communicate()
    return {**answer, "acts": float(json.loads(acts))}


@contextmanager
def serving(prepared: Bench) -> Iterator[int]:
    """gunicorn, as shipped."""
    port = _free_port()
    environment = {**os.environ, **prepared.environment, "DJANGO_SETTINGS_MODULE": SETTINGS, "PORT": str(port)}
    command = [str(place.OURS), "-m", "gunicorn", "-c", "python:operator_portal.gunicorn", "benchmarks.question.wsgi"]
    server = subprocess.Popen(command, env={**environment, "PYTHONPATH": str(ROOT)}, cwd=ROOT)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the web server does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
