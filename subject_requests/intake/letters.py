"""A mail as it came, read: whatever is broken in it, something comes out, and nothing of it is lost.

Headers of transport (which machines it went through, with which program and from which address it was written) are left
behind here and reach nothing that is stored."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.generator import BytesGenerator
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from io import BytesIO
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from subject_requests.intake.charsets import decoded
from subject_requests.intake.pages_of_mail import words_of

#: All that is kept of the head of a mail, and of a mail inside of a mail. Message-IDs hold names of machines.
KEPT_HEADERS: Final = frozenset(
    {"from", "to", "cc", "reply-to", "sender", "subject", "date", "mime-version", "auto-submitted", "precedence"}
    | {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "content-description"}
    | {"content-language", "list-id"}
)
MOST_PARTS: Final = 200
_POLICY: Final = policy.default.clone(refold_source="none")
_IDS: Final = re.compile(r"<[^<>\s]{1,250}>")
_BROKEN: Final = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)
_ATTACHED: Final = frozenset({"attachment"})
_is_address: Final = EmailValidator()


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """A file that came with a mail. The name is what the mail says."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`headers` are by their small names; of those that come several times, the first. `ids` are the Message-IDs that
    it answers, `original` is what may be kept of the bytes."""

    headers: dict[str, str]
    message_id: str
    ids: tuple[str, ...]
    senders: tuple[str, ...]
    subject: str
    text: str
    content_type: str
    enclosed: tuple[Enclosed, ...]
    original: bytes

    @property
    def sender(self) -> str:
        """Where an answer goes: the author, and of several the one who has sent it. Empty when nobody says so."""
        authors = self.senders
        named = _addresses(self.headers.get("sender", ""))
        if len(authors) > 1 and named and named[0] in authors:
            return named[0]
        return authors[0] if authors else (named[0] if named else "")


def read(raw: bytes) -> Letter:
    """Never raises."""
    message = _parsed(raw)
    headers = _headers_of(message)
    text, enclosed = _body_of(message)
    return Letter(
        headers=headers,
        message_id=next(iter(_IDS.findall(headers.get("message-id", ""))), ""),
        ids=tuple(_IDS.findall(headers.get("in-reply-to", "") + headers.get("references", ""))),
        senders=_addresses(headers.get("from", "")),
        subject=words_in(headers.get("subject", "")),
        text=text,
        content_type=_type_of(message),
        enclosed=enclosed,
        original=_without_transport(message, raw),
    )


def _parsed(raw: bytes) -> Message:
    for how in (_POLICY, policy.compat32):
        try:
            return message_from_bytes(raw, policy=how)
        except _BROKEN:
            continue
    bare = Message()
    bare.set_payload(raw)
    return bare


# --- the head -------------------------------------------------------------------------------------------------------


def _headers_of(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(str(name).lower(), _unfolded(value))
    return found


def _unfolded(value: Any) -> str:
    """As it stands, with the bytes of a header that broke the rules read as well as can be."""
    plain = str(value).encode("utf-8", "surrogateescape")
    return " ".join(decoded(plain).replace("\0", "").split("\r\n")).replace("\n", " ").replace("\r", " ").strip()


def words_in(header: str) -> str:
    """A header with its encoded words put into letters."""
    try:
        chunks = decode_header(header)
    except _BROKEN:
        return header
    words = "".join(decoded(part, label or "") if isinstance(part, bytes) else part for part, label in chunks)
    return " ".join(words.split())


def _addresses(header: str) -> tuple[str, ...]:
    """Those that can be written to, each once, as they stand; names and groups around them are left out."""
    try:
        found = [address.strip().strip("<>") for _name, address in getaddresses([header])]
    except _BROKEN:
        found = []
    if not any("@" in address for address in found):  # a name so broken that its address is not found
        found = re.findall(r"<\s*([^<>\s]+@[^<>\s]+)\s*>", header)
    return tuple(dict.fromkeys(address for address in found if _can_be_written_to(address)))


def _can_be_written_to(address: str) -> bool:
    try:
        _is_address(address)
    except ValidationError:
        return False
    return len(address) <= 254


# --- the body -------------------------------------------------------------------------------------------------------


def _body_of(message: Message) -> tuple[str, tuple[Enclosed, ...]]:
    """The words, and the files. Plain text goes before HTML; what an enclosed mail says counts when nothing else
    does."""
    plain: list[str] = []
    pages: list[str] = []
    forwarded: list[str] = []
    enclosed: list[Enclosed] = []
    for part in _parts(message):
        kind, content = _type_of(part), _content_of(part)
        if kind == "message/rfc822":
            enclosed.append(_forwarded(part))
            forwarded.append(_text_of_forwarded(part))
        elif _is_file(part, kind):
            if content:
                enclosed.append(Enclosed(name=_name_of(part), content=content))
        else:
            text = decoded(content, _charset_of(part)).replace("\0", "")
            (pages if kind == "text/html" else plain).append(words_of(text) if kind == "text/html" else text)
    words = next((joined for them in (plain, pages, forwarded) if (joined := "\n\n".join(them).strip())), "")
    return words.replace("\r\n", "\n").replace("\r", "\n"), tuple(enclosed)


def _parts(message: Message) -> Iterator[Message]:
    """The leaves, the first so many of them; an enclosed mail is one leaf."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        inside = part.get_payload()
        if isinstance(inside, list) and _type_of(part) not in {"message/rfc822", "message/delivery-status"}:
            waiting[:0] = [one for one in inside if isinstance(one, Message)]
            continue
        seen += 1
        yield part


def _is_file(part: Message, kind: str) -> bool:
    main = kind.partition("/")[0]
    if main not in {"text", "multipart"} and kind != "message/delivery-status":
        return True
    return _disposition_of(part) in _ATTACHED or (bool(_name_of(part, "")) and main == "text")


def _inner(part: Message) -> Message | None:
    inside = part.get_payload()
    return inside[0] if isinstance(inside, list) and inside and isinstance(inside[0], Message) else None


def _forwarded(part: Message) -> Enclosed:
    inner = _inner(part)
    raw = _content_of(part) if inner is None else _without_transport(inner, b"")
    return Enclosed(name="forwarded.eml", content=raw)


def _text_of_forwarded(part: Message) -> str:
    inner = _inner(part)
    if inner is None:
        return decoded(_content_of(part))
    texts = [leaf for leaf in _parts(inner) if _type_of(leaf) in {"text/plain", "text/html"}]
    for leaf in texts:
        text = decoded(_content_of(leaf), _charset_of(leaf))
        if text.strip():
            return words_of(text) if _type_of(leaf) == "text/html" else text
    return ""


def _content_of(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except _BROKEN:
        content = None
    if isinstance(content, bytes):
        return content
    inside = part.get_payload()
    if isinstance(inside, str):
        return inside.encode("utf-8", "surrogateescape")
    return b"\n".join(_bytes_of(one) for one in inside if isinstance(one, Message)) if isinstance(inside, list) else b""


def _type_of(part: Message) -> str:
    try:
        return part.get_content_type().lower()
    except _BROKEN:
        return "application/octet-stream"


def _charset_of(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "")
    except _BROKEN:
        return ""


def _disposition_of(part: Message) -> str:
    try:
        return str(part.get_content_disposition() or "")
    except _BROKEN:
        return ""


def _name_of(part: Message, otherwise: str = "file") -> str:
    try:
        name = part.get_filename()
    except _BROKEN:
        name = None
    return words_in(str(name)) if name else otherwise


# --- what is kept ---------------------------------------------------------------------------------------------------


def _without_transport(message: Message, raw: bytes) -> bytes:
    try:
        for part in message.walk():
            for name in {str(name) for name, _value in part.raw_items()}:
                if name.lower() not in KEPT_HEADERS:
                    del part[name]
        return _bytes_of(message)
    except _BROKEN:
        return _head_filtered(raw)


def _bytes_of(message: Message) -> bytes:
    out = BytesIO()
    writer: Any = BytesGenerator(out, mangle_from_=False, maxheaderlen=0, policy=_POLICY)
    writer.flatten(message)
    return out.getvalue()


def _head_filtered(raw: bytes) -> bytes:
    """By lines, where the message cannot be put together again. Such headers are taken out of the body too."""
    kept: list[bytes] = []
    is_kept = True
    for line in raw.splitlines(keepends=True):
        if header := re.match(rb"([A-Za-z][A-Za-z0-9-]*):", line):
            name = header.group(1).decode("ascii").lower()
            is_kept = name in KEPT_HEADERS or not _TRANSPORT.match(name)
        elif not line.startswith((b" ", b"\t")):
            is_kept = True
        if is_kept:
            kept.append(line)
    return b"".join(kept)


_TRANSPORT: Final = re.compile(
    r"(received|x-|arc-|dkim|authentication-results|return-path|message-id|in-reply-to|references|user-agent|delivered-to)"
)
