"""A private PostgreSQL: made once, started, adopted when found running, stopped. No TCP port, passwords by SCRAM."""

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from signal import SIGINT
from typing import Any, Final

import psycopg

from operator_portal.embedded.accounts import hand_over
from operator_portal.embedded.errors import EmbeddedError
from operator_portal.embedded.home import SOCKET_LOCK, SUPERUSER, Home
from operator_portal.embedded.processes import POLL_SECONDS, Process
from operator_portal.embedded.programs import postgres_programs

START_SECONDS: Final = 60  # in which a server that goes down while starting is tried again
RECOVERY_SECONDS: Final = 900  # for one that stays up: after a kill it reads its journal and flushes every file
STOP_SECONDS: Final = 30
NOBODYS_PID: Final = 2**31 - 1
ANSWER_SECONDS: Final = 10
STATUS_LINE: Final = 7  # of postmaster.pid

# What the server writes down about its running holds no value of a row: no statement, no parameter, no detail.
QUIET: Final = {
    "logging_collector": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_connections": "off",
    "log_disconnections": "off",
}
SIZE: Final = {"shared_buffers": "64MB", "max_connections": "100", "max_wal_size": "512MB"}


class Postgres:
    name: Final = "postgres"

    def __init__(self, home: Home, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.folder = home.services / "database"
        self.data = self.folder / "data"
        self.made = self.folder / "made"
        self.log = home.logs / "postgres.log"
        self.settings = {**QUIET, **SIZE, **(settings or {})}
        self.process: Process | None = None

    def start(self) -> None:
        self.process = self._running()
        if self.process and not (self._becomes_ready(self.process) and self._answers(self.process)):
            self.process.stop(SIGINT, patience=STOP_SECONDS)
            self.process = None
        if self.process is None:
            self._make()
            self._start()

    def stop(self) -> None:
        process = self.process or self._running()
        if process:
            process.stop(SIGINT, patience=STOP_SECONDS)
        self.process = None

    @property
    def alive(self) -> bool:
        return self.process.alive if self.process else self._running() is not None

    def pid(self) -> int | None:
        running = self._running()
        return running.pid if running else None

    def connect(self, database: str = "postgres", **options: Any) -> psycopg.Connection[Any]:
        """As the superuser. Autocommit, because it is used for what cannot run in a transaction."""
        return psycopg.connect(
            host=str(self.home.sockets),
            user=SUPERUSER,
            password=self.home.secret(f"{SUPERUSER}_password"),
            dbname=database,
            autocommit=True,
            **options,
        )

    # --- making the cluster ---------------------------------------------------------------------------------------

    def _make(self) -> None:
        """A cluster half made when the machine stopped stays broken for ever, so without the mark it is made anew."""
        if self.made.exists():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in (self.folder, self.data):
            folder.mkdir()
            hand_over(folder, self.home.account, 0o700)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(self.home.secret(f"{SUPERUSER}_password"))
        hand_over(password, self.home.account, 0o600)
        try:
            self._initdb(password)
        finally:
            password.unlink()
        self.made.touch()

    def _initdb(self, password: Path) -> None:
        with self.log.open("ab") as output:
            status = Process.run(
                [
                    *(self._programs() / "initdb", "-D", self.data, "-U", SUPERUSER, f"--pwfile={password}"),
                    *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                    *("--auth=scram-sha-256", "--data-checksums", "--no-instructions"),
                    *(("--no-sync",) if self.settings.get("fsync") == "off" else ()),
                ],
                env=self._environment(),
                cwd=self.folder,
                output=output,
                account=self.home.account,
            )
        if status:
            raise EmbeddedError(f"initdb failed (status {status}), see {self.log}.")

    # --- the running server -----------------------------------------------------------------------------------------

    def _running(self) -> Process | None:
        """The server of this cluster, whoever started it."""
        pid, _ = self._pid_file()
        found = Process.adopt(pid) if pid else None
        return found if found and found.identity.program == "postgres" else None

    def _answers(self, process: Process) -> bool:
        """One that was just killed, or hangs, is not one to adopt."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while process.alive and time.monotonic() < deadline:
            try:
                self.connect(connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(POLL_SECONDS)
            else:
                return True
        return False

    def _pid_file(self) -> tuple[int, str]:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return 0, ""
        pid = int(lines[0]) if lines and lines[0].isdigit() else 0
        return pid, lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else ""

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self._forget_dead_server()
            process = self._spawn()
            if self._becomes_ready(process):
                self.process = process
                return
            if process.alive:
                process.stop(SIGINT, patience=STOP_SECONDS)
                raise EmbeddedError(f"PostgreSQL was not ready after {RECOVERY_SECONDS} seconds, see {self.log}.")
            time.sleep(0.2)  # the backends of a killed server may still hold its memory for a moment
        raise EmbeddedError(f"PostgreSQL did not start within {START_SECONDS} seconds, see {self.log}.")

    def _forget_dead_server(self) -> None:
        """The server refuses to start while the pid of the last one is anybody's: another program's, or that of a dead
        one whom nobody buried, which is usual in containers. Only the pid is changed, in the locks of the data and of
        the socket: by the rest of the former the new server sees whether children of the old one still write."""
        if self._running():
            return
        for lock in (self.data / "postmaster.pid", self.home.sockets / SOCKET_LOCK):
            if lock.exists():
                lock.write_text("\n".join([str(NOBODYS_PID), *lock.read_text().split("\n")[1:]]))

    def _spawn(self) -> Process:
        settings = {
            **self.settings,
            "listen_addresses": "",
            "unix_socket_directories": str(self.home.sockets),
            "unix_socket_permissions": "0700",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Process.start(
            [self._programs() / "postgres", "-D", self.data, *flags],
            env=self._environment(),
            cwd=self.folder,
            log=self.log,
            account=self.home.account,
        )

    def _becomes_ready(self, process: Process) -> bool:
        deadline = time.monotonic() + RECOVERY_SECONDS
        while process.alive and time.monotonic() < deadline:
            if self._pid_file() == (process.pid, "ready"):
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _programs(self) -> Path:
        return postgres_programs(self.home.services, self.home.account)

    def _environment(self) -> dict[str, str]:
        """Nothing of the user's locale: initdb fails on one that is not installed, which is usual over ssh."""
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        return {**kept, "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.folder)}
