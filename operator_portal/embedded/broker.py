"""A private broker that keeps what it is given: Valkey with every write on disk, behind a socket of our own."""

import os
import socket
import time
from collections.abc import Mapping
from signal import SIGTERM
from typing import Final

from operator_portal.embedded.accounts import hand_over
from operator_portal.embedded.errors import EmbeddedError
from operator_portal.embedded.home import Home
from operator_portal.embedded.processes import POLL_SECONDS, Process
from operator_portal.embedded.programs import broker_program

START_SECONDS: Final = 30
STOP_SECONDS: Final = 10
HUNG_SECONDS: Final = 2
PROGRAMS: Final = ("valkey-server", "redis-server")
DURABLE: Final = {"appendonly": "yes", "appendfsync": "always", "save": "", "maxmemory-policy": "noeviction"}


class Broker:
    name: Final = "broker"

    def __init__(self, home: Home, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.folder = home.services / "broker"
        self.pid_file = self.folder / "broker.pid"
        self.log = home.logs / "broker.log"
        self.settings = {**DURABLE, "databases": "16", "loglevel": "warning", **(settings or {})}
        self.process: Process | None = None

    def start(self) -> None:
        self.process = self._running()
        if self.process and self._answers():
            return
        if self.process:
            self.process.stop(SIGTERM, patience=HUNG_SECONDS)
        self._start()

    def stop(self) -> None:
        process = self.process or self._running()
        if process:
            process.stop(SIGTERM, patience=STOP_SECONDS)
        self.process = None

    @property
    def alive(self) -> bool:
        return self.process.alive if self.process else self._running() is not None

    def pid(self) -> int | None:
        running = self._running()
        return running.pid if running else None

    def _running(self) -> Process | None:
        """The broker of this home, whoever started it."""
        try:
            pid = int(self.pid_file.read_text())
        except (OSError, ValueError):
            return None
        found = Process.adopt(pid)
        return found if found and found.identity.program in PROGRAMS else None

    def _start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        hand_over(self.folder, self.home.account, 0o700)
        self.home.broker_socket.unlink(missing_ok=True)
        self.pid_file.unlink(missing_ok=True)
        self.process = Process.start(
            [broker_program(self.home.services, self.home.account), *self._flags()],
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            cwd=self.folder,
            log=self.log,
            account=self.home.account,
        )
        self._wait_until_it_answers(self.process)

    def _flags(self) -> list[str]:
        settings = {
            **self.settings,
            "port": "0",
            "unixsocket": str(self.home.broker_socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "pidfile": str(self.pid_file),
            "daemonize": "no",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def _wait_until_it_answers(self, process: Process) -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.alive and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(POLL_SECONDS)
        raise EmbeddedError(f"The broker did not start, see {self.log}.")

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.home.broker_socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
