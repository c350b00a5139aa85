"""A process that does what it is told by lines of JSON on its input, and answers on its output: both ends."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Self

from benchmarks import place
from benchmarks.workers import Failed
from operator_portal.embedded.home import ROOT


def answer(who: object) -> None:
    """By its methods, until nothing more is asked."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            reply = {"answer": getattr(who, name)(*arguments)}
        except Exception as error:  # noqa: BLE001  (the one who asked prints it and stops)
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)


class Told:
    def __init__(self, module: str, settings: str, environment: Mapping[str, str]) -> None:
        self._child = subprocess.Popen(
            [place.OURS, "-m", module],
            env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)},
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, *order: Any) -> Any:
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(json.dumps(order) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        reply = json.loads(line) if line else {"error": "the process has died"}
        if "error" in reply:
            raise Failed(f"{order}: {reply['error']}")
        return reply["answer"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._child.stdin
        self._child.stdin.close()
        self._child.wait()
