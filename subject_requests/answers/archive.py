"""The ZIP that a person takes away: a page for people, a PDF, JSON for machines, and what is held as files."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.template.loader import render_to_string

from subject_requests.answers import heading, operators_side
from subject_requests.answers.document import Document
from subject_requests.answers.pdf import make_pdf
from subject_requests.answers.telling import sections

PAGE: Final = "answer.html"
PDF: Final = "answer.pdf"
DATA: Final = "answer.json"


def as_json(document: Document) -> bytes:
    """The names are ours: plain words."""
    return b"{%b}" % b", ".join(
        b'"%b": %b' % (name.encode(), operators_side.encode(part)) for name, part in document.items()
    )


def as_page(document: Document) -> str:
    context = {
        "document": document,
        "language": document["language"],
        "title": heading.title(),
        "lead": heading.lead(document),
        "card": heading.card(document["operator"]),
        "sections": sections(document),
    }
    return render_to_string("subject_requests/answers/archive.html", context)


def pack(document: Document, files: Mapping[str, bytes], *, on_step: Callable[[], None] = lambda: None) -> bytes:
    """In the language that is active, which is the document's. Equal answers give equal archives. `on_step` is called
    three times: when the page, the PDF and the rest are done."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _contents(document, files):
            archive.writestr(_entry(name, document), content)
            if name in (PAGE, PDF):
                on_step()
    on_step()
    return packed.getvalue()


def _contents(document: Document, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield PAGE, as_page(document).encode()
    yield PDF, make_pdf(document)
    yield DATA, as_json(document)
    yield from files.items()


def _entry(name: str, document: Document) -> zipfile.ZipInfo:
    made_at = datetime.fromisoformat(document["made_at"])
    entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def unpack(content: bytes) -> Document:
    """The document as it was given."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        document: dict[str, Any] = json.loads(archive.read(DATA))
        return document


def pdf_of(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(PDF)
