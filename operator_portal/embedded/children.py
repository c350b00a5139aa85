"""The processes that the supervisor keeps: web, worker, beat. What it started is written down, so that the next
supervisor finds them if this one is killed."""

import json
import sys
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from signal import SIGTERM
from typing import Final

from operator_portal.embedded.errors import EmbeddedError
from operator_portal.embedded.home import ROOT, Home, write_private
from operator_portal.embedded.processes import Process, identify

DEATHS_ALLOWED: Final = 5
WITHIN_SECONDS: Final = 60
SIGNER_VARIABLES: Final = ("LOG_SIGNING_KEY", "LOG_SIGNING_KEY_FILE")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a child is started, and how long it may take to end when asked."""

    name: str
    command: tuple[str, ...]
    patience: float
    signs: bool = False  # is told the key of the log's checkpoints


def recipes() -> tuple[Recipe, ...]:
    """In the order in which they are started; they are stopped the other way round."""
    celery = (sys.executable, "-m", "celery", "-A", "operator_portal.celery")
    quiet = ("--loglevel", "warning")
    fast_start = ("--without-gossip", "--without-mingle")
    gunicorn = (sys.executable, "-m", "gunicorn", "-c", "python:operator_portal.gunicorn", "operator_portal.wsgi")
    return (
        Recipe(
            name="worker",
            command=(*celery, "worker", *quiet, *fast_start, "--concurrency", "2"),
            patience=30,
            signs=True,
        ),
        Recipe(name="beat", command=(*celery, "beat", *quiet, "--pidfile="), patience=10),
        Recipe(name="web", command=gunicorn, patience=20),
    )


@dataclass(kw_only=True)
class Child:
    recipe: Recipe
    home: Home
    environment: Mapping[str, str]
    process: Process | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED))

    def start(self) -> None:
        log = self.home.logs / f"{self.recipe.name}.log"
        withheld = () if self.recipe.signs else SIGNER_VARIABLES
        environment = {name: value for name, value in self.environment.items() if name not in withheld}
        self.process = Process.start(self.recipe.command, env=environment, cwd=ROOT, log=log, account=None)

    def stop(self) -> None:
        if self.process:
            self.process.stop(SIGTERM, patience=self.recipe.patience)
            self.process = None

    def restart_if_dead(self) -> bool:
        if self.process is None or self.process.alive:
            return False
        self.process.kill_session()  # what it had started may hold its port or its task
        note_death(self.deaths, self.recipe.name, self.home)
        self.start()
        return True


def note_death(deaths: deque[float], name: str, home: Home) -> None:
    """Raises when it is one too many."""
    deaths.append(time.monotonic())
    if len(deaths) == DEATHS_ALLOWED and deaths[-1] - deaths[0] < WITHIN_SECONDS:
        raise EmbeddedError(
            f"{name} died {DEATHS_ALLOWED} times within {WITHIN_SECONDS} seconds; the reason is in "
            f"{home.logs / f'{name}.log'}."
        )


class Leftovers:
    """The children of a supervisor that was killed."""

    def __init__(self, home: Home) -> None:
        self.file = home.run / "children.json"

    def note(self, pids: Iterable[int]) -> None:
        write_private(self.file, json.dumps([asdict(identity) for identity in map(identify, pids) if identity]))

    def stop(self) -> None:
        noted: list[dict[str, str | int]] = []
        with suppress(OSError, ValueError):
            noted = json.loads(self.file.read_text())
        found = [process for identity in noted if (process := Process.adopt(int(identity["pid"])))]
        left = [process for process in found if asdict(process.identity) in noted]
        for process in left:
            process.send(SIGTERM)
        for process in left:
            process.stop(SIGTERM, patience=10)
        self.file.unlink(missing_ok=True)
