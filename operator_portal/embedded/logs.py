"""What the processes print, kept from filling the disk: one file each, and the one before it."""

import os
import shutil
from pathlib import Path
from typing import Final

LONGEST: Final = 10_000_000  # bytes


def turn_long_ones(folder: Path, longest: int = LONGEST) -> list[Path]:
    """Copies a log that has grown too long beside itself, in place of the copy before, and empties it: the process goes
    on appending to the file that it has open. A line printed in that moment may be lost."""
    turned = []
    for log in sorted(folder.glob("*.log")):
        if log.stat().st_size > longest:
            part = log.with_suffix(".part")
            shutil.copyfile(log, part)
            part.chmod(0o600)
            part.replace(log.with_suffix(".log.1"))
            os.truncate(log, 0)
            turned.append(log)
    return turned
