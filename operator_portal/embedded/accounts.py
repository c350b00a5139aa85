"""Under which account the servers run. PostgreSQL refuses to run as root, so root hands them to another account."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from operator_portal.embedded.errors import EmbeddedError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, kw_only=True)
class Account:
    uid: int
    gid: int


def service_account(data: Path) -> Account | None:
    """None: our own. For root the owner of the data that is already there, else the first account that exists.
    No account is ever made on the user's machine."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(uid=data.stat().st_uid, gid=data.stat().st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedError(f"PostgreSQL does not run as root, and none of the accounts {', '.join(UNPRIVILEGED)} exists.")


def hand_over(path: Path, account: Account | None, mode: int) -> None:
    path.chmod(mode)
    if account:
        os.chown(path, account.uid, account.gid)


def reachable_by_others(path: Path) -> bool:
    """Can an account that is neither owner nor group walk here?"""
    path = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.is_dir())
