"""Files: of the database and the broker, logs, mail, uploads, and whatever else lies in PORTAL_HOME."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from operator_portal.scanning.files import FileFound, search_file
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.places.place import Progress
from operator_portal.scanning.report import Report

WORTH_PROCESSES: Final = 32 * 1024 * 1024  # starting one more takes as long as reading this much


@dataclass(frozen=True, slots=True)
class _File:
    root: Path
    size: int


@dataclass(kw_only=True)
class FilesPlace:
    """`roots` are files or folders; `left_out` in them are other places' roots and what is not to be looked at."""

    name: str
    roots: Iterable[Path]
    left_out: frozenset[Path] = frozenset()
    known_gaps: Mapping[str, str] = field(default_factory=dict)  # what cannot be looked at, and why
    jobs: int = 1
    _files: dict[Path, _File] = field(default_factory=dict)
    _unread: dict[Path, str] = field(default_factory=dict)

    def size(self) -> int:
        self._files, self._unread = {}, {}
        for root in self.roots:
            for path in self._walk(root):
                self._note(path, root)
        return sum(file.size for file in self._files.values())

    def scan(self, needles: Needles, report: Report, progress: Progress) -> None:
        unread = {**self.known_gaps, **{str(path): why for path, why in self._unread.items()}}
        for where, why in unread.items():
            report.add_unread(self.name, where, why)
        for found in self._search(needles):
            self._tell(found, report)
            progress(self._files[found.path].size)

    def _search(self, needles: Needles) -> Iterator[FileFound]:
        # The largest first, so that no process is left alone with one at the end.
        files = sorted(self._files.items(), key=lambda item: item[1].size, reverse=True)
        if self.jobs < 2 or sum(file.size for _, file in files) < WORTH_PROCESSES:
            yield from (search_file(path, needles, root=file.root) for path, file in files)
            return
        with ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn")) as pool:
            for done in as_completed(pool.submit(search_file, path, needles, root=file.root) for path, file in files):
                yield done.result()

    def _tell(self, found: FileFound, report: Report) -> None:
        where = self._where(found)
        report.add_looked(self.name, items=1, size=found.size)
        report.add_hits(self.name, where, found.hits)
        if found.in_name:
            report.add_hits(self.name, f"the name of {where}", found.in_name)
        if found.why_not_read:
            report.add_unread(self.name, where, found.why_not_read)

    def _where(self, found: FileFound) -> str:
        """A name that is itself a finding is not written out."""
        if not found.in_name:
            return str(found.path)
        return f"a file under {self._files[found.path].root} (inode {_inode(found.path)})"

    def _walk(self, root: Path) -> Iterator[Path]:
        if not root.is_dir():
            yield root
            return
        for folder, folders, files in os.walk(root, onerror=self._not_listed):
            here = Path(folder)
            folders[:] = [name for name in folders if here / name not in self.left_out]
            yield from (here / name for name in files if here / name not in self.left_out)

    def _not_listed(self, error: OSError) -> None:
        self._unread[Path(str(error.filename))] = os.strerror(error.errno or 0)

    def _note(self, path: Path, root: Path) -> None:
        try:
            found = path.lstat()
        except FileNotFoundError:
            return
        except OSError as error:
            self._unread[path] = os.strerror(error.errno or 0)
            return
        if stat.S_ISREG(found.st_mode):
            self._files[path] = _File(root, found.st_size)


def _inode(path: Path) -> int:
    try:
        return path.lstat().st_ino
    except OSError:
        return 0
