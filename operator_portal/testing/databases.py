"""Test databases: migrated once as the owner, copied for each test process, emptied by the superuser."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_SH, flock
from typing import Any, Final

import psycopg
from psycopg import sql

from operator_portal.database import OWNER_URL
from operator_portal.embedded.cluster import DATABASE_RIGHTS, database_exists, ensure_database
from operator_portal.embedded.home import APP, OWNER, ROOT
from operator_portal.testing.emptying import AsMade
from operator_portal.testing.services import SharedServices, Slot

# A template is made anew when one of these changes, and each day, because partitions are made ahead of the calendar.
DECIDES: Final = (
    "*/migrations/*.py",
    "*/models.py",
    "*/models/*.py",
    "*/apps.py",
    "*/receivers.py",
    "*/*trigger*.py",
    "*/*.sql",
    "*/sql/*.py",
    "personal_data/*.py",
    "processing_log/*.py",
    "profiles/**/*.toml",
    "tests/specimens/**/*.py",
    "law/*.py",
    "operator_portal/settings.py",
    "uv.lock",
)
TEMPLATES_KEPT: Final = 12
#: Rows that were deleted take their place until then.
EMPTIED_BEFORE_A_NEW_COPY: Final = 50
PREFIX: Final = "portal_template_"


def template_name() -> str:
    files = sorted({path for pattern in DECIDES for path in ROOT.glob(pattern) if ".venv" not in path.parts})
    digest = hashlib.sha256(datetime.now(UTC).date().isoformat().encode())
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


class SlotDatabase:
    """The database of one slot."""

    def __init__(self, services: SharedServices, slot: Slot) -> None:
        self.services = services
        self.slot = slot
        self.name = slot.database
        self.template = template_name()  # of this moment: the files may change while the tests run
        self._as_made: AsMade | None = None
        self._emptied = 0

    def make(self, *, anew: bool = False) -> None:
        with (self.services.home.run / "template.lock").open("a+") as lock:
            self._ensure_template(lock, anew=anew)
            with self.services.postgres.connect() as connection:
                connection.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name))
                connection.execute(_sql("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", self.name, self.template))
            with self.superuser() as connection:
                connection.execute(DATABASE_RIGHTS.encode())
                self._as_made, self._emptied = AsMade.look(connection), 0

    def drop(self) -> None:
        with self.services.postgres.connect() as connection:
            connection.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name))

    def superuser(self) -> psycopg.Connection[Any]:
        return self.services.postgres.connect(self.name)

    # --- the template ----------------------------------------------------------------------------------------------

    def _ensure_template(self, lock: Any, *, anew: bool) -> None:
        """Leaves with a shared lock: several copy at once, nobody drops meanwhile."""
        flock(lock, LOCK_SH)
        if anew or not database_exists(self.services.postgres, self.template):
            flock(lock, LOCK_EX)
            if anew or not database_exists(self.services.postgres, self.template):
                self._build(self.template)
            flock(lock, LOCK_SH)

    def _build(self, name: str) -> None:
        building = f"{PREFIX}building"
        with self.services.postgres.connect() as connection:
            for old in [building, name, *self._old_templates(connection)]:
                connection.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", old))
        ensure_database(self.services.postgres, building)
        self._migrate(building)
        with self.services.postgres.connect() as connection:
            connection.execute(_sql("ALTER DATABASE {} RENAME TO {}", building, name))

    @staticmethod
    def _old_templates(connection: psycopg.Connection[Any]) -> list[str]:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC OFFSET %s",
            [PREFIX, TEMPLATES_KEPT],
        )
        return [row[0] for row in rows]

    def _migrate(self, database: str) -> None:
        home = self.services.home
        done = subprocess.run(
            [sys.executable, ROOT / "manage.py", "migrate", "--no-input", "--skip-checks", "--verbosity", "0"],
            env={
                **os.environ,
                "DATABASE_URL": home.database_url(APP, database),
                OWNER_URL: home.database_url(OWNER, database),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"The migrations do not apply:\n{done.stdout}{done.stderr}")

    # --- between tests that commit -----------------------------------------------------------------------------------

    def empty(self) -> None:
        """As it was when it was made. A new copy, which takes ten times as long, now and then and after whoever has
        changed the schema."""
        if self._as_made and self._emptied < EMPTIED_BEFORE_A_NEW_COPY:
            with self.superuser() as connection:
                if self._as_made.bring_back(connection):
                    self._emptied += 1
                    return
        self.make()


def _sql(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
