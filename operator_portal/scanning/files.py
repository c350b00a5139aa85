"""Needles in one file of any size, in bounded memory."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from operator_portal.scanning.lzf import DUMP_MAGIC
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.search import Hit, search
from operator_portal.scanning.windows import OVERLAP, WINDOW, in_windows


@dataclass(frozen=True, kw_only=True)
class FileFound:
    path: Path
    size: int = 0
    hits: tuple[Hit, ...] = ()
    in_name: tuple[Hit, ...] = ()
    why_not_read: str = ""


def search_file(path: Path, needles: Needles, *, root: Path) -> FileFound:
    """The name is searched too, as far as it goes on below the root."""
    in_name = tuple(search(os.fsencode(path.relative_to(root)), needles).hits)
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return FileFound(path=path, in_name=in_name)  # gone meanwhile, as files of a living database go
    except OSError as error:
        return FileFound(path=path, in_name=in_name, why_not_read=os.strerror(error.errno or 0))
    try:
        return replace(_search_open(path, file, needles), in_name=in_name)
    except OSError as error:
        return FileFound(path=path, in_name=in_name, why_not_read=os.strerror(error.errno or 0))
    finally:
        os.close(file)


def _search_open(path: Path, file: int, needles: Needles) -> FileFound:
    is_broker_dump = os.pread(file, 8, 0).startswith(DUMP_MAGIC)
    hits: dict[Hit, None] = {}
    size, is_cut = 0, False
    for start, window in in_windows(_chunks(file, 0), size=WINDOW, overlap=OVERLAP):
        size = start + len(window)
        if window.count(0) == len(window):
            continue
        more = partial(_chunks, file, size)
        found = search(window, needles, starts=() if start else (0,), more=more, is_broker_dump=is_broker_dump)
        hits.update(dict.fromkeys(replace(hit, offset=start + hit.offset) for hit in found.hits))
        is_cut = is_cut or found.is_cut
    why_not_read = "more is packed inside than the scan unpacks" if is_cut else ""
    return FileFound(path=path, size=size, hits=tuple(hits), why_not_read=why_not_read)


def _chunks(file: int, offset: int) -> Iterator[bytes]:
    while chunk := os.pread(file, WINDOW, offset):
        yield chunk
        offset += len(chunk)
