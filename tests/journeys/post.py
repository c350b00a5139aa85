"""The letters that the running portal has sent, as their receivers find them."""

import re
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Letter:
    to: str
    subject: str
    text: str
    raw: bytes

    @property
    def link(self) -> str:
        """The first address in the letter that leads further than to the front page."""
        found = re.search(r"https?://[^/\s]+/\S{2,}", self.text)
        assert found, f"no link in the letter {self.subject!r}"
        return found.group()


class Post:
    """`next()` hands each letter over once."""

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self._read: set[str] = set()

    def next(self, to: str) -> Letter:
        """The oldest letter to this address that nobody has read yet; waits for it."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for path in sorted(self.spool.glob("*.eml")):
                letter = _read(path)
                if path.name not in self._read and letter.to == to:
                    self._read.add(path.name)
                    return letter
            time.sleep(0.05)
        raise AssertionError(f"no letter to {to} came within {SECONDS} seconds")


def _read(path: Path) -> Letter:
    raw = path.read_bytes()
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body
    return Letter(to=str(message["To"]), subject=str(message["Subject"]), text=str(body.get_content()), raw=raw)
