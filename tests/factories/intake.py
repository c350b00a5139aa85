"""Files, pictures, and requests without an account."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests.intake import guests, mail, passes
from subject_requests.intake.attaching import Offered, attach, check
from subject_requests.intake.guests import Asking
from subject_requests.kinds import RequestKind
from subject_requests.models import Attachment, IncomingMail, Request

RECEIVED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64)
WHERE_IT_WAS_TAKEN = b"55.7558 N 37.6173 E"


def make_picture(*, form: str = "JPEG", size: tuple[int, int] = (40, 30), orientation: int = 1) -> bytes:
    """With what cameras write beside the pixels."""
    exif = Image.Exif()
    exif[0x010E] = WHERE_IT_WAS_TAKEN.decode()
    exif[0x0112] = orientation
    made = io.BytesIO()
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.putpixel((0, 0), (0, 0, 255))
    picture.save(made, form, exif=exif, **({"comment": WHERE_IT_WAS_TAKEN} if form == "JPEG" else {}))
    return made.getvalue()


def make_box(names: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as box:
        for name, content in names.items():
            box.writestr(name, content)
    return made.getvalue()


def make_docx(**more: bytes) -> bytes:
    return make_box({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>", **more})


def upload(name: str = "скан.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def make_guest_request(
    *,
    address: str = "guest@example.ru",
    kinds: tuple[RequestKind, ...] = (RequestKind.ACCESS,),
    text: str = "Какие данные обо мне у вас есть?",
    at: datetime = RECEIVED,
    **more: Any,
) -> Request:
    asking = Asking(kinds=kinds, text=text, address=address, language="ru", **more)
    return guests.file(asking, at=at)


def make_attachment(request: Request, *, content: bytes = PDF, name: str = "скан.pdf") -> Attachment:
    with processing("rights", actor=Actor.system("test")):
        (kept,) = attach(
            request,
            check([Offered(name=name, content=content, size=len(content))], can_be_asked=True).taken,
            at=request.received_at,
        )
    return kept


def make_mail(text: str = "delete my data", *, at: datetime = RECEIVED, **headers: str) -> IncomingMail:
    """Of a machine, unless the headers say otherwise."""
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = head or "Auto-Submitted: auto-replied\r\n"
    raw = f"From: writer@example.ru\r\nSubject: hello\r\n{head}\r\n{text}".encode()
    return IncomingMail.objects.get(seen=mail.take(raw, received_at=at, at=at).seen)


def link_into(request: Request) -> str:
    """The code of a new mail that opens the request."""
    with processing("rights", actor=Actor.system("test")):
        return passes.issue(request, at=request.received_at).url.rstrip("/").rpartition("/")[2]
