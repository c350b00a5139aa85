"""A keyring in a file. It is replaced as a whole, so a reader sees the old one or the new one; of a key that was taken
out, the bytes in the old file are written over before the file is let go."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final

from personal_data import keyring
from personal_data.keyring import KEY_BYTES, Keyring

#: how often a file that is being written over is read again
READINGS: Final = 20


def write_new(path: Path) -> None:
    """Makes a keyring file that only its owner can read; an existing one is never overwritten."""
    _write(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), Keyring.new().to_json().encode())


@dataclass(frozen=True)
class FileStore:
    path: Path

    @property
    def fresh_seconds(self) -> float:
        return keyring.FRESH_SECONDS

    def stamp(self) -> object:
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def load(self) -> Keyring:
        for _ in range(READINGS):
            text = self.path.read_bytes()
            if text.strip(b"\0"):
                return Keyring.from_json(text.decode())
            time.sleep(0.01)  # it was the old one, which is being written over
        raise ValueError("empty")

    def add_epoch(self, number: int) -> None:
        def add(ring: Keyring) -> Keyring:
            epochs = {number: secrets.token_bytes(KEY_BYTES), **ring.epochs}
            return replace(ring, epochs=dict(sorted(epochs.items())), active=ring.active_epoch)

        self._change(add)

    def activate(self, number: int) -> None:
        self._change(lambda ring: replace(ring, active=max(number, ring.active_epoch)))

    def destroy_epoch(self, number: int) -> None:
        def destroy(ring: Keyring) -> Keyring:
            epochs = {one: key for one, key in ring.epochs.items() if one != number}
            return replace(ring, epochs=epochs, active=ring.active_epoch)

        self._change(destroy)

    def _change(self, change: Callable[[Keyring], Keyring]) -> None:
        with self._alone():
            self._erase_left_behind()
            before = self.load()
            after = change(before)
            if after != before:
                self._replace_by(after.to_json().encode())

    def _replace_by(self, content: bytes) -> None:
        old = os.open(self.path, os.O_RDWR)
        try:
            part = self._part()
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            found = os.fstat(old)
            if os.geteuid() == 0:
                os.fchown(descriptor, found.st_uid, found.st_gid)
            _write(descriptor, content)
            part.replace(self.path)
            _sync_folder(self.path.parent)
            os.pwrite(old, bytes(found.st_size), 0)
            os.fsync(old)
        finally:
            os.close(old)

    def _erase_left_behind(self) -> None:
        """Of a process that was killed before it could put its part in place."""
        part = self._part()
        if part.exists():
            with part.open("r+b") as left:
                left.write(bytes(os.fstat(left.fileno()).st_size))
                left.flush()
                os.fsync(left.fileno())
            part.unlink()

    def _part(self) -> Path:
        return self.path.with_name(f".{self.path.name}.part")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self.path.with_name(f".{self.path.name}.lock").open("a") as lock:
            flock(lock, LOCK_EX)
            yield


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
