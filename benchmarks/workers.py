"""The other end of a worker's line."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from operator_portal.embedded.home import ROOT


class Failed(Exception):
    """A worker could not do what it was told."""


class Worker:
    def __init__(self, python: Path, *, settings: str, contestants: str, environment: Mapping[str, str]) -> None:
        self._child = subprocess.Popen(
            [python, "-m", "benchmarks.worker", contestants],
            env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, work: str, contestant: str, present: int) -> None:
        assert self._child.stdin
        self._child.stdin.write(json.dumps({"work": work, "contestant": contestant, "present": present}) + "\n")
        self._child.stdin.flush()

    def hear(self) -> Any:
        assert self._child.stdout
        line = self._child.stdout.readline()
        reply: dict[str, Any] = json.loads(line) if line else {"error": "the worker has died"}
        if "error" in reply:
            raise Failed(reply["error"])
        return reply["answer"]

    def ask(self, work: str, contestant: str, present: int) -> Any:
        self.tell(work, contestant, present)
        return self.hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._child.stdin
        self._child.stdin.close()
        self._child.wait()
