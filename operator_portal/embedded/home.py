"""PORTAL_HOME: where everything of an embedded portal lies, and the one file that tells the settings about it.

The folder is known only to its owner. When root starts the portal, the two servers run under another account: their
part of the folder is handed to it, or lies under /var/lib when that account cannot walk to PORTAL_HOME at all.
"""

import base64
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import cached_property
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from operator_portal.embedded.accounts import Account, hand_over, reachable_by_others, service_account
from operator_portal.embedded.errors import EmbeddedError

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SYSTEM_STATE: Final = Path("/var/lib/operator-portal")
SOCKET_PATH_LIMIT: Final = 107  # bytes, of sockaddr_un
SOCKET_LOCK: Final = ".s.PGSQL.5432.lock"
DATABASE: Final = "portal"
SUPERUSER: Final = "postgres"
OWNER: Final = "portal_owner"
APP: Final = "portal_app"
BACKUP: Final = "portal_backup"
DRILL: Final = "portal_drill"
BEGUN: Final = "begun"
DATABASE_ROLES: Final = (SUPERUSER, OWNER, APP, BACKUP, DRILL)
LOG_KEY: Final = "log_signing_key"
#: made before anything runs, for a confined process could not enter what is made later
CONTENT: Final = ("mail", "files", "exports", "ledger", "backups", "keyring", "tmp")


@dataclass(frozen=True)
class Home:
    path: Path

    @classmethod
    def locate(cls) -> Self:
        return cls(Path(os.environ.get("PORTAL_HOME") or ROOT / ".portal").resolve())

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def env_file(self) -> Path:
        return self.path / "portal.env"

    @property
    def keyring(self) -> Path:
        """In a folder of its own: a confined process sees the new file when it is replaced."""
        return self.path / "keyring" / "keyring.json"

    @property
    def signer(self) -> Path:
        """The key that signs the log, and what it signed last. The web process shuts itself out of here."""
        return self.path / "signer"

    @property
    def log_key(self) -> Path:
        return self.signer / LOG_KEY

    @property
    def awaits_demo(self) -> Path:
        """There from the making of the database until the demo data is in it."""
        return self.run / "awaits-demo"

    @property
    def demo_broke_off(self) -> bool:
        """Half of the demo data is of no use, and nobody but the demo has been in that database yet."""
        return self.awaits_demo.exists() and self.awaits_demo.read_text() == BEGUN

    def note_demo_begun(self) -> None:
        self.awaits_demo.write_text(BEGUN)

    @property
    def sign_ins(self) -> Path:
        return self.path / "demo.json"

    @property
    def mark(self) -> str:
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]

    @cached_property
    def account(self) -> Account | None:
        return service_account(self.services / "database")

    @cached_property
    def services(self) -> Path:
        """What belongs to the two servers; the account they run under must be able to walk here."""
        if os.geteuid() != 0 or reachable_by_others(self.path.parent):
            return self.path / "services"
        return SYSTEM_STATE / self.mark

    @cached_property
    def sockets(self) -> Path:
        """Short, because the path of a socket may have 107 bytes, and always the same for one home."""
        chosen = Path(os.environ.get("PORTAL_SOCKETS") or f"/tmp/operator-portal-{os.geteuid()}-{self.mark}")  # noqa: S108
        if len(os.fsencode(chosen / SOCKET_LOCK)) > SOCKET_PATH_LIMIT:
            raise EmbeddedError(f"The path of the sockets is too long: {chosen}. Set PORTAL_SOCKETS to a short one.")
        return chosen

    @property
    def broker_socket(self) -> Path:
        return self.sockets / "broker.sock"

    def prepare(self) -> None:
        """Folders and secrets; can be repeated."""
        self.run.mkdir(parents=True, exist_ok=True)
        with self.locked("prepare"):
            self._prepare()

    def _prepare(self) -> None:
        self.path.chmod(0o711 if self.account else 0o700)
        for folder in (self.run, self.secrets, self.logs, self.signer, *(self.path / name for name in CONTENT)):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
        brought = self.path / self.keyring.name
        if brought.exists() and not self.keyring.exists():
            brought.rename(self.keyring)
        self._prepare_services()
        self._prepare_sockets()
        for name in ("secret_key", *(f"{role}_password" for role in DATABASE_ROLES)):
            self.secret(name)
        _secret_file(self.secrets / "database_owner_url", lambda: self.database_url(OWNER))
        _secret_file(self.secrets / "database_backup_url", lambda: self.database_url(BACKUP))
        _secret_file(self.secrets / "database_drill_url", lambda: self.database_url(DRILL, DRILL))
        _secret_file(self.log_key, lambda: base64.b64encode(secrets.token_bytes(32)).decode())

    def _prepare_services(self) -> None:
        self.services.mkdir(parents=True, exist_ok=True)
        if self.services.parent == SYSTEM_STATE:
            SYSTEM_STATE.chmod(0o755)
        hand_over(self.services, self.account, 0o700)

    def _prepare_sockets(self) -> None:
        try:
            self.sockets.mkdir(mode=0o700)
            hand_over(self.sockets, self.account, 0o700)
        except FileExistsError:
            pass
        found = self.sockets.lstat()
        owner = self.account.uid if self.account else os.geteuid()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise EmbeddedError(
                f"{self.sockets} should be a folder of ours with mode 0700, and is not. "
                "Remove it, or set PORTAL_SOCKETS to another short path."
            )

    def secret(self, name: str) -> str:
        return _secret_file(self.secrets / name, lambda: secrets.token_urlsafe(48))

    def database_url(self, role: str, database: str = DATABASE) -> str:
        return f"postgres://{role}:{self.secret(f'{role}_password')}@/{database}?host={quote(str(self.sockets))}"

    def broker_url(self, number: int) -> str:
        return f"redis+socket://{quote(str(self.broker_socket))}?virtual_host={number}"

    def cache_url(self, number: int) -> str:
        return f"unix://{quote(str(self.broker_socket))}?db={number}"

    def environment(self) -> dict[str, str]:
        """What the settings need to know of the services; the wishes of this run are added by the supervisor."""
        return {
            "PORTAL_HOME": str(self.path),
            "DATABASE_URL": self.database_url(APP),
            "DATABASE_OWNER_URL_FILE": str(self.secrets / "database_owner_url"),
            "BACKUP_DATABASE_URL_FILE": str(self.secrets / "database_backup_url"),
            "DRILL_DATABASE_URL_FILE": str(self.secrets / "database_drill_url"),
            "BROKER_URL": self.broker_url(0),
            "CACHE_URL": self.cache_url(1),
            "SECRET_KEY_FILE": str(self.secrets / "secret_key"),
            "KEYRING": f"file:{self.keyring}",
            "LOG_SIGNING_KEY_FILE": str(self.log_key),
            "EMAIL_URL": f"filemail://{quote(str(self.path / 'mail'))}",
        }

    def known_environment(self) -> dict[str, str]:
        """Of portal.env; empty before the first start."""
        if not self.env_file.exists():
            return {}
        lines = (line.partition("=") for line in self.env_file.read_text().splitlines())
        return {name: value for name, equals, value in lines if equals}

    def write_environment(self, wishes: Mapping[str, str]) -> None:
        content = "".join(f"{name}={value}\n" for name, value in {**self.environment(), **wishes}.items())
        write_private(self.env_file, content)

    def forget_content(self) -> None:
        """What lies beside a database that is made anew."""
        self.awaits_demo.unlink(missing_ok=True)
        for folder in ("mail", "files", "ledger", "exports", self.signer.name):  # another log, another key
            shutil.rmtree(self.path / folder, ignore_errors=True)
        self.prepare()

    def erase(self) -> None:
        """Everything, the part under /var/lib and the sockets too. The services must have been stopped."""
        for folder in (self.services, self.sockets, self.path):
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            SYSTEM_STATE.rmdir()  # when no other home is left in it

    @contextmanager
    def locked(self, name: str, *, otherwise: str = "") -> Iterator[None]:
        """Held by one process at a time; freed by the kernel when the holder dies. With `otherwise` it does not wait
        but refuses with these words."""
        file = self.run / f"{name}.lock"
        with file.open("a+") as handle:
            try:
                flock(handle, LOCK_EX | (LOCK_NB if otherwise else 0))
            except BlockingIOError:
                raise EmbeddedError(otherwise) from None
            yield


def _secret_file(file: Path, make: Callable[[], str]) -> str:
    if not file.exists():
        write_private(file, make())
    return file.read_text()


def write_private(file: Path, content: str) -> None:
    """At once or not at all, and never readable by others, not even for a moment."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)
