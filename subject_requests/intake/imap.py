"""A mailbox over IMAP (RFC 3501): what lies in it, one message whole, putting it aside. Knows nothing of requests."""

import imaplib
import re
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TIMEOUT: Final = 30
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
imaplib._MAXLINE = 10_000_000  # type: ignore[attr-defined]  # noqa: SLF001  a full mailbox lists its numbers in one line


class NotReached(Exception):
    """The mail server cannot be reached or does not let us in, or broke off; the text is a code."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """`imaps://user:password@host:993/folder`; signs with a meaning in an address are written as %40 and the like."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    is_sealed: bool
    done_folder: str = ""

    @property
    def name(self) -> str:
        """Tells one mailbox from another."""
        return f"{self.user}@{self.host}/{self.folder}"


def place_of(url: str, *, done_folder: str = "") -> Place | None:
    """None when there is no mailbox to look after. Raises ImproperlyConfigured."""
    if not url:
        return None
    parts = urlsplit(url)
    host, is_sealed = parts.hostname or "", parts.scheme == "imaps"
    if parts.scheme not in {"imap", "imaps"} or not (host and parts.username and parts.password):
        raise ImproperlyConfigured("INTAKE_IMAP_URL must look like imaps://user:password@mail.example.org/INBOX")
    if not is_sealed and host not in _LOCAL:
        raise ImproperlyConfigured("INTAKE_IMAP_URL: imap:// sends the password in the clear; use imaps://")
    return Place(
        host=host,
        port=parts.port or (993 if is_sealed else 143),
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        is_sealed=is_sealed,
        done_folder=done_folder,
    )


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """`received_at` is what the mail server noted when it took the mail in. `is_cut` says that there was more of it."""

    raw: bytes
    received_at: datetime | None
    is_cut: bool


class Mailbox:
    """Open as long as the `with` lasts. Raises NotReached, from whatever goes wrong on the way."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.uidvalidity = 0

    def __enter__(self) -> Self:
        place = self._place
        try:
            self._server = (
                imaplib.IMAP4_SSL(place.host, place.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
                if place.is_sealed
                else imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT)
            )
        except (OSError, imaplib.IMAP4.error):
            raise NotReached("no_connection") from None
        try:
            self._ask("login", self._server.login, _quoted(place.user), place.password)
            self._ask("select", self._server.select, _quoted(place.folder))
            self.uidvalidity = self._read_uidvalidity()
        except NotReached:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def uids(self) -> list[int]:
        """Of everything that lies in the folder, in the order in which it came."""
        (found,) = self._ask("search", self._server.uid, "SEARCH", "ALL")[:1] or [b""]
        return sorted(int(number) for number in (found or b"").split())

    def fetch(self, uid: int, *, most: int) -> Fetched | None:
        """None when somebody has taken it away meanwhile. The server does not mark it as read."""
        answer = self._ask(
            "fetch", self._server.uid, "FETCH", str(uid), f"(RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{most}>)"
        )
        whole = next((part for part in answer if isinstance(part, tuple)), None)
        if whole is None:
            return None
        around = b" ".join(part if isinstance(part, bytes) else part[0] for part in answer if part)
        size = _SIZE.search(around)
        return Fetched(
            raw=whole[1], received_at=_moment(around), is_cut=size is not None and int(size.group(1)) > len(whole[1])
        )

    def put_aside(self, uid: int) -> None:
        """Marked as read; moved to the folder of what is done, where there is one."""
        self._ask("store", self._server.uid, "STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
        if not self._place.done_folder:
            return
        folder = _quoted(self._place.done_folder)
        if "MOVE" in self._server.capabilities:
            self._ask("move", self._server.uid, "MOVE", str(uid), folder)
            return
        self._ask("copy", self._server.uid, "COPY", str(uid), folder)
        self._ask("store", self._server.uid, "STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._server.capabilities:
            self._ask("expunge", self._server.uid, "EXPUNGE", str(uid))

    def _read_uidvalidity(self) -> int:
        _kind, found = self._server.response("UIDVALIDITY")
        if not found or found[0] is None:
            raise NotReached("no_uidvalidity")
        return int(found[0])

    def _ask(self, what: str, call: Any, *words: str) -> list[Any]:
        try:
            status, answer = call(*words)
        except (OSError, imaplib.IMAP4.error, UnicodeError):
            raise NotReached(f"{what}_failed") from None
        if status != "OK":
            raise NotReached(f"{what}_refused")
        return list(answer)

    def _leave(self) -> None:
        try:
            self._server.logout()
        except (OSError, imaplib.IMAP4.error):
            with suppress(OSError):
                self._server.shutdown()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _moment(around: bytes) -> datetime | None:
    found = imaplib.Internaldate2tuple(around)
    return datetime.fromtimestamp(time.mktime(found), UTC) if found else None
