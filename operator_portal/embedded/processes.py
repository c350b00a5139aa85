"""Processes that outlive whoever started them: known by pid and start time, so that a reused pid is never mistaken."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, Signals
from typing import IO, Any, Self

from operator_portal.embedded.accounts import Account

POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One process for the whole life of the machine: a pid comes again, a pid with its start time does not."""

    pid: int
    started: str
    program: str


def identify(pid: int) -> Identity | None:
    """The living process with this pid; a zombie is not alive."""
    return _from_proc(pid) if Path("/proc/self/stat").exists() else _from_ps(pid)


def _from_proc(pid: int) -> Identity | None:
    try:
        head, _, rest = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")
    except OSError:
        return None
    fields = rest.split()
    state, started = fields[0], fields[19]
    if state in "ZX":
        return None
    return Identity(pid=pid, started=started, program=head.partition("(")[2])


def _from_ps(pid: int) -> Identity | None:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    if len(answer) < 7 or answer[0].startswith("Z"):
        return None
    return Identity(pid=pid, started=" ".join(answer[1:6]), program=Path(" ".join(answer[6:])).name)


def _become(account: Account | None) -> dict[str, Any]:
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


class Process:
    """A process of ours: started here, or found running and adopted."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity

    @classmethod
    def adopt(cls, pid: int) -> Self | None:
        found = identify(pid)
        return cls(found) if found else None

    @classmethod
    def start(
        cls, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path, account: Account | None
    ) -> Self:
        """In a session of its own: Ctrl-C at the terminal must reach the supervisor alone."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                [str(part) for part in command],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **_become(account),
            )
        child.returncode = 0  # it may outlive us; Popen would warn of a child that it thinks forgotten
        return cls(identify(child.pid) or Identity(pid=child.pid, started="", program=""))

    @staticmethod
    def run(
        command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, output: IO[bytes], account: Account | None
    ) -> int:
        """To its end; the exit status."""
        return subprocess.run(
            [str(part) for part in command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            **_become(account),
        ).returncode

    @property
    def pid(self) -> int:
        return self.identity.pid

    @property
    def alive(self) -> bool:
        found = identify(self.pid)
        if found is None:
            with suppress(ChildProcessError):
                os.waitpid(self.pid, os.WNOHANG)  # if it was our child, nobody else buries it
        return found is not None and found.started == self.identity.started

    def send(self, number: Signals) -> None:
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """True when the process has ended in time."""
        deadline = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def stop(self, number: Signals, *, patience: float) -> bool:
        """Ask, wait, then kill the whole session. True when asking was enough."""
        self.send(number)
        if self.wait(patience):
            return True
        self.kill_session()
        self.wait(5)
        return False

    def kill_session(self) -> None:
        """Everything that it has started too; also when it is dead itself."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, SIGKILL)
