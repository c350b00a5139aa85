"""The invented people of the demo: one to sign in as for each role, and others in every state of every workflow."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.roles import Role

WORDS: Final = ("birch", "heron", "lantern", "meadow", "otter", "pebble", "quill", "rowan", "saddle", "thicket")


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    role: Role
    email: str
    last_name: str
    first_name: str
    what: Promise


ACCOUNTS: Final = (
    DemoAccount(
        role=Role.USER,
        email="anna.belova@example.org",
        last_name="Белова",
        first_name="Анна",
        what=_("a person: sees, corrects, takes away and deletes what is held about her"),
    ),
    DemoAccount(
        role=Role.STAFF,
        email="staff@example.org",
        last_name="Орлов",
        first_name="Илья",
        what=_("staff: works the requests, sees masks, opens a value with a reason"),
    ),
    DemoAccount(
        role=Role.OFFICER,
        email="officer@example.org",
        last_name="Седова",
        first_name="Мария",
        what=_("privacy officer: all of staff, and what needs a second person"),
    ),
    DemoAccount(
        role=Role.AUDITOR,
        email="auditor@example.org",
        last_name="Громов",
        first_name="Пётр",
        what=_("auditor: the processing log, read-only, without personal values"),
    ),
    DemoAccount(
        role=Role.ADMIN,
        email="admin@example.org",
        last_name="Лебедева",
        first_name="Ольга",
        what=_("administrator: accounts and the system, no personal values without a reason"),
    ),
)

#: (last name, first name, patronymic); the address is made of the number, so that it says nothing.
OTHERS: Final = (
    ("Ветрова", "Полина", "Игоревна"),
    ("Соколов", "Тимур", ""),
    ("Ёлкина", "Дарья", "Павловна"),
    ("Жуков", "Лев", "Андреевич"),
    ("Мартынова", "", ""),
    ("", "Савва", ""),
    ("Крылова", "Ника", "Олеговна"),
    ("Зимин", "Глеб", ""),
    ("", "", ""),
    ("Арсеньева", "Вера", "Львовна"),
    ("Поляков", "Марк", "Ильич"),
    ("Ручьёва", "Алиса", ""),
    ("Гринёва", "Ольга", "Петровна"),
    ("Шубин", "Егор", ""),
)


def address(number: int) -> str:
    """Of one of OTHERS."""
    return f"person-{number + 1}@example.org"


def password() -> str:
    """One for all demo accounts, made when it is first asked for and kept in PORTAL_HOME."""
    kept = _kept()
    if "password" not in kept:
        keep(password=_new_password())
    return str(_kept()["password"])


def key() -> str:
    """Of the other system of the demo, if it has one."""
    return str(_kept().get("key", ""))


def keep(**secrets_of_the_demo: str) -> None:
    path = _path()
    path.touch(mode=0o600)
    path.write_text(json.dumps({**_kept(), **secrets_of_the_demo}))


def _kept() -> dict[str, str]:
    path = _path()
    kept: dict[str, str] = json.loads(path.read_text() or "{}") if path.exists() else {}
    return kept


def _path() -> Path:
    return Path(settings.PORTAL_HOME) / "demo.json"


def _new_password() -> str:
    return "-".join(secrets.choice(WORDS) for _ in range(3)) + f"-{secrets.randbelow(90) + 10}"
