"""The portal's own processes on the test database: for journeys, where page, task and mail must be the real ones."""

import http.client
import os
import socket
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from signal import SIGTERM
from typing import Final

from operator_portal import broker
from operator_portal.embedded.home import ROOT
from operator_portal.embedded.processes import Process
from operator_portal.testing.services import Slot

START_SECONDS: Final = 60
STOP_SECONDS: Final = 5
QUEUE: Final = "celery"
GUNICORN: Final = ("-m", "gunicorn", "-c", "python:operator_portal.gunicorn")
WORKER: Final = ("-m", "celery", "-A", "operator_portal.celery", "worker", "--loglevel", "info", "--concurrency", "1")
BEAT: Final = ("-m", "celery", "-A", "operator_portal.testing.hasty", "beat", "--pidfile=", "--schedule")


class RunningPortal:
    """Web and worker of one slot; beat when asked. Their logs are beside the slot's mail and files."""

    def __init__(self, slot: Slot, *, application: str = "operator_portal.wsgi") -> None:
        """`application` is the module of what is served."""
        self.home: Path = slot.home
        self.mail: Path = slot.home / "mail"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._application = application
        self._processes: dict[str, Process] = {}

    def start(self) -> None:
        self._run("web", *GUNICORN, self._application)
        self._run("worker", *WORKER)
        self._wait_for_web()

    def start_beat(self) -> None:
        """With every line of the timetable due each second."""
        self._run("beat", *BEAT, str(self.home / "run" / "beat"))

    def stop_beat(self) -> None:
        if beat := self._processes.pop("beat", None):
            beat.stop(SIGTERM, patience=10)

    def stop(self) -> None:
        """At once: nothing of them is kept, and a worker that says goodbye takes seconds."""
        for process in self._processes.values():
            process.kill_session()
        for process in self._processes.values():
            process.wait(STOP_SECONDS)

    def forget_tasks(self) -> None:
        """What tests without a worker have left in the queue."""
        with broker.client() as client:
            client.delete(QUEUE)

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def log(self, name: str) -> Path:
        return self.home / "run" / f"{name}.log"

    def wait_for_log(self, name: str, text: str, *, seconds: float = 20) -> bool:
        deadline = time.monotonic() + seconds
        while text not in self.log(name).read_text():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _run(self, name: str, *arguments: str) -> None:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "operator_portal.testing.settings",
            "BASE_URL": self.url,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
        }
        for variable in ("DATABASE_OWNER_URL", "BIND"):
            environment.pop(variable, None)
        command = [sys.executable, *arguments]
        self._processes[name] = Process.start(command, env=environment, cwd=ROOT, log=self.log(name), account=None)

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._processes["web"].alive:
            web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            with closing(web), suppress(OSError, http.client.HTTPException):
                web.request("GET", "/healthz")
                web.getresponse()
                return
            time.sleep(0.1)
        raise RuntimeError(f"The web server does not answer:\n{self.log('web').read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
