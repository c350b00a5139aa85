"""What the process is told by its environment: one place that knows where a setting comes from and how to refuse."""

from pathlib import Path
from typing import Final

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

ROOT: Final = Path(__file__).resolve().parent.parent
EMBEDDED_FILE: Final = "portal.env"


class Environment:
    """The process environment; `NAME_FILE` is read for secrets. Without DATABASE_URL the file that the embedded
    launcher left in PORTAL_HOME speaks for every name that is not set."""

    def __init__(self) -> None:
        self.env = environ.FileAwareEnv()
        self.env.ENVIRON = FileAwareMapping(cache=False)
        self.home = Path(self._read("PORTAL_HOME") or ROOT / ".portal").resolve()
        if not self.has("DATABASE_URL") and (self.home / EMBEDDED_FILE).exists():
            self.env.read_env(str(self.home / EMBEDDED_FILE))

    def has(self, name: str) -> bool:
        return bool(self._read(name))

    def _read(self, name: str) -> str:
        """As it stands: a secret may begin with a dollar sign. The line break that ends a file is not part of it."""
        try:
            return str(self.env.ENVIRON.get(name, "")).strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {error.strerror}") from None

    def required(self, name: str) -> str:
        value = self._read(name)
        if not value:
            raise ImproperlyConfigured(
                f"{name} is not set (nor {name}_FILE), and there is no embedded portal in {self.home}. "
                f"Set {name}, or start everything with `make run`."
            )
        return value

    def text(self, name: str, default: str) -> str:
        return self._read(name) or default

    def flag(self, name: str, default: bool) -> bool:
        return bool(self.env.bool(name, default=default))

    def number(self, name: str, default: int) -> int:
        return int(self.env.int(name, default=default))

    def names(self, name: str) -> list[str]:
        return [item.strip() for item in self.required(name).split(",") if item.strip()]
