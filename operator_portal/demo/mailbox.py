"""The mails that the embedded portal has sent: files of the spool, newest first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from django.conf import settings

#: What a mail program acts on, and a reader does not see.
SHOWN: Final = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-ID", "Auto-Submitted")
_NAME: Final = re.compile(r"[\w-]+")


@dataclass(frozen=True, kw_only=True)
class SentMail:
    name: str
    to: str
    subject: str
    at: datetime | None
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


def folder() -> Path:
    return Path(settings.PORTAL_HOME) / "mail"


def sent() -> list[SentMail]:
    return [_read(path) for path in _newest_first()]


def find(name: str) -> SentMail | None:
    path = folder() / f"{name}.eml"
    return _read(path) if _NAME.fullmatch(name) and path.is_file() else None


def _newest_first() -> Iterator[Path]:
    if not folder().is_dir():
        return iter(())
    return iter(sorted(folder().glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True))


def _moment(date: str) -> datetime:
    """A date in "-0000" is UTC by somebody who does not say where they are; Python gives it no zone."""
    at = parsedate_to_datetime(date)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _read(path: Path) -> SentMail:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    date = message["Date"]
    return SentMail(
        name=path.stem,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        at=_moment(date) if date else None,
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=tuple((name, str(message[name])) for name in SHOWN if message[name]),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
