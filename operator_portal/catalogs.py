"""Compiles the translations: the repository holds .po files, Django reads .mo files. No gettext tools are needed."""

import os
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT: Final = Path(__file__).resolve().parent.parent


def compile_stale(root: Path = ROOT) -> list[Path]:
    """Those whose .po is newer; written beside and renamed, so that a server reading it never sees a half."""
    stale = [source for source in root.glob("*/locale/*/LC_MESSAGES/*.po") if _is_stale(source)]
    for source in stale:
        part = source.with_suffix(f".mo.{os.getpid()}")
        with source.open("rb") as readable, part.open("wb") as writable:
            write_mo(writable, read_po(readable, domain=source.stem))
        part.replace(source.with_suffix(".mo"))
    return stale


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime_ns < source.stat().st_mtime_ns


if __name__ == "__main__":
    for compiled in compile_stale():
        print(compiled.relative_to(ROOT))
