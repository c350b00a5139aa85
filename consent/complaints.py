"""Reports of mail services that a reader has called a mail of ours spam (ARF, RFC 5965): as good as unsubscribing."""

from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Final
from urllib.parse import urlsplit

from consent import links
from consent.leaving import leave
from consent.links import NotALink, WayOut
from consent.suppressed import Suppression

REPORT: Final = "message/feedback-report"
ORIGINALS: Final = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers")
HEADER: Final = "List-Unsubscribe"


class NotAReport(Exception):
    """The message is no feedback report, or one that says something else than that the mail was not wanted."""


class NotOurs(Exception):
    """The report holds no mail with a link of this portal."""


def take_complaint(report: bytes, *, at: datetime) -> bool:
    """False when there was nothing left to stop. The reader's address is not looked for: a service may leave it out,
    and our own link says all that is needed. Raises NotAReport, NotOurs."""
    message = message_from_bytes(report, policy=compat32)
    if not any(_says_unwanted(part) for part in message.walk()):
        raise NotAReport
    way_out = _way_out(message)
    return leave(way_out, channel=Suppression.Channel.FEEDBACK, reason=Suppression.Reason.COMPLAINT, at=at)


def _says_unwanted(part: Message) -> bool:
    """`not-spam` takes such a complaint back; fraud, virus and the rest are not about wanting mail."""
    if part.get_content_type() != REPORT:
        return False
    fields = "\n".join(_texts_in(part))
    return any(
        name.strip().lower() == "feedback-type" and value.strip().lower() in ("abuse", "opt-out", "unsubscribe")
        for name, _colon, value in (line.partition(":") for line in fields.splitlines())
    )


def _way_out(message: Message) -> WayOut:
    for part in message.walk():
        for header in _unsubscribe_headers(part):
            try:
                return links.read(_token_in(header))
            except NotALink:
                continue
    raise NotOurs


def _unsubscribe_headers(part: Message) -> list[str]:
    own = [str(value) for value in part.get_all(HEADER, [])]
    if part.get_content_type() in ORIGINALS:
        for text in _texts_in(part):
            own += [str(value) for value in message_from_bytes(text.encode(), policy=compat32).get_all(HEADER, [])]
    return own


def _texts_in(part: Message) -> list[str]:
    """A report's parts are messages to the parser, or text, or encoded text, as the service likes it."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [text for inner in payload if isinstance(inner, Message) for text in [inner.as_string()]]
    decoded = part.get_payload(decode=True)
    return [decoded.decode("utf-8", "replace")] if isinstance(decoded, bytes) else [str(payload)]


def _token_in(header: str) -> str:
    address = "".join(header.split()).strip("<>")
    return urlsplit(address).path.rstrip("/").rpartition("/")[2]
