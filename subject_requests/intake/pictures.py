"""Pictures are put together again from their pixels, by a process of its own that can do nothing else.

What a camera wrote beside the pixels (where, when, with which device) is the most personal part of a picture and
nobody asked for it. What an attacker hid in a file lives in its structure. Neither survives."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from subject_requests.intake.content import Content, kind_of

MOST_PIXELS: Final = 36_000_000  # a sheet of A4 at 600 dots an inch has 35 million
_SECONDS: Final = 15
_CHILD: Final = Path(__file__).with_name("picture_child.py")
_TOO_LARGE: Final = 3


class NotAPicture(Exception):
    """It begins like a picture and is none, or a broken one."""


class TooManyPixels(Exception):
    """Small as a file and too large as a picture."""


def cleaned(content: bytes, kind: Content) -> tuple[bytes, Content]:
    """The same picture anew, and what it is now. Raises NotAPicture, TooManyPixels."""
    command = [sys.executable, "-I", "-B", str(_CHILD), str(MOST_PIXELS), kind.name]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=_SECONDS, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        raise TooManyPixels from None
    if done.returncode == _TOO_LARGE:
        raise TooManyPixels
    if done.returncode or not done.stdout:
        raise NotAPicture
    return done.stdout, kind_of(done.stdout)
