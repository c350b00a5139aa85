"""The servers that all test runs of this tree share, and the slot that each test process has for itself in them.

Several runs at once are usual. Whoever comes first starts the servers, whoever leaves last stops them; a slot is a
database, two broker databases and a PORTAL_HOME of its own, held by a lock that the kernel frees with the process.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from typing import IO, Final

from operator_portal import catalogs
from operator_portal.embedded.broker import Broker
from operator_portal.embedded.cluster import ensure_keyring
from operator_portal.embedded.home import APP, OWNER, ROOT, Home
from operator_portal.embedded.postgres import Postgres

SLOTS: Final = 256
FAST_POSTGRES: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "300",
}
FAST_BROKER: Final = {"appendonly": "no", "databases": str(2 * SLOTS)}


class SharedServices:
    def __init__(self) -> None:
        self.home = Home(Path(os.environ.get("PORTAL_TEST_HOME") or ROOT / ".portal-test").resolve())
        self.home.prepare()
        self.postgres = Postgres(self.home, FAST_POSTGRES)
        self.broker = Broker(self.home, FAST_BROKER)
        self._use: IO[str] | None = None

    def start(self) -> None:
        with self.home.locked("start"):
            catalogs.compile_stale()
            ensure_keyring(self.postgres)
            with ThreadPoolExecutor() as pool:
                for started in [pool.submit(server.start) for server in (self.postgres, self.broker)]:
                    started.result()
            self._use = (self.home.run / "use.lock").open("a+")
            flock(self._use, LOCK_SH)

    def stop_unless_used(self) -> None:
        if self._use is None:
            return
        with self.home.locked("start"), self._use as use:
            flock(use, LOCK_UN)
            try:
                flock(use, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                return
            self.broker.stop()
            self.postgres.stop()


class Slot:
    """What one test process has for itself."""

    def __init__(self, home: Home) -> None:
        self._services = home
        self.number, self._lock = self._take(home)
        self.database = f"portal_test_{self.number:03}"
        self.home = home.path / "slots" / f"{self.number:03}"
        shutil.rmtree(self.home, ignore_errors=True)
        for folder in ("mail", "files", "run", "static"):
            (self.home / folder).mkdir(parents=True)

    @staticmethod
    def _take(home: Home) -> tuple[int, IO[str]]:
        for number in range(SLOTS):
            lock = (home.run / f"slot-{number:03}.lock").open("a+")
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            return number, lock
        raise RuntimeError(f"All {SLOTS} test slots of {home.path} are taken.")

    def release(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self._lock.close()

    def environment(self) -> dict[str, str]:
        """A portal of its own; `.env` of an embedded portal or of a deployment must not leak into tests."""
        return {
            "PORTAL_HOME": str(self.home),
            "DATABASE_URL": self._services.database_url(APP, self.database),
            "DATABASE_OWNER_URL": self._services.database_url(OWNER, self.database),
            "BROKER_URL": self._services.broker_url(2 * self.number),
            "CACHE_URL": self._services.cache_url(2 * self.number + 1),
            "SECRET_KEY": self._services.secret("secret_key"),
            "KEYRING": f"file:{self._services.keyring}",
            "OPERATOR_PROFILE": "loyal_club",
            "EMAIL_URL": f"filemail://{self.home / 'mail'}",
            "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
            "BASE_URL": "http://testserver",
            "DEBUG": "0",
            "DEMO": "0",
        }
