"""The web process gives away the right to look into some folders, for good and for all that it starts: Linux' Landlock.

What signs the log and what was signed last are then out of its reach although it runs under the account that owns them,
root too; and so are the memory and the environment of the processes that may. It needs no right of its own."""

import ctypes
import os
import struct
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

# linux/landlock.h; these numbers are the same on all machines
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_NO_NEW_PRIVILEGES: Final = 38
_WRITE_FILE, _READ_FILE = 1 << 1, 1 << 2
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
#: to move something from one folder to another; to shorten a file: since the second and the third version
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_OF_FILES: Final = _READ_FILE | _WRITE_FILE | _TRUNCATE

_libc: Final = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Of Landlock in this kernel; 0 where there is none."""
    if os.uname().sysname != "Linux":
        return 0
    return max(int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION)), 0)


def forbid(folders: Collection[Path]) -> bool:
    """From now on this thread, and whatever it starts, reads and writes nothing in these folders. What is made later
    beside them, or beside a folder they are in, is out of reach too. False where the kernel cannot do it."""
    if not (known := version()):
        return False
    rights = _READ_FILE | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_FILE
    rights |= (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    ruleset = _call(_CREATE_RULESET, struct.pack("=Q", rights), 8, 0)
    try:
        for path in _all_else({folder.resolve() for folder in folders}):
            with suppress(OSError):  # gone in this moment, or of a kind that no rule can be about
                _allow(ruleset, path, rights)
        if _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def _all_else(forbidden: Collection[Path]) -> Iterator[Path]:
    """Whatever stands beside a way to one of them. No links: where they lead is allowed by itself, or is not."""
    ways = {parent for folder in forbidden for parent in folder.parents}
    for way in ways:
        with suppress(OSError), os.scandir(way) as found:
            for entry in found:
                path = Path(entry.path)
                if path not in ways and path not in forbidden and not entry.is_symlink():
                    yield path


def _allow(ruleset: int, path: Path, rights: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        allowed = rights if path.is_dir() else rights & _OF_FILES
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", allowed, opened), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: int | bytes) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}")
    return result
