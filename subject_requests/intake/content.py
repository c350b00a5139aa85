"""What a file is, told by its first bytes. Its name and what the browser or the mail claims are not asked."""

import io
import zipfile
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class Content(TextChoices):
    PDF = "pdf", pgettext_lazy("attachment", "PDF document")
    JPEG = "jpeg", pgettext_lazy("attachment", "picture (JPEG)")
    PNG = "png", pgettext_lazy("attachment", "picture (PNG)")
    WEBP = "webp", pgettext_lazy("attachment", "picture (WebP)")
    HEIC = "heic", pgettext_lazy("attachment", "picture (HEIC)")
    TEXT = "txt", pgettext_lazy("attachment", "plain text")
    DOCX = "docx", pgettext_lazy("attachment", "text document (DOCX)")
    ODT = "odt", pgettext_lazy("attachment", "text document (ODT)")
    LETTER = "eml", pgettext_lazy("attachment", "mail as it came")
    UNKNOWN = "bin", pgettext_lazy("attachment", "of unknown type")


#: Taken apart and put together again from their pixels.
PICTURES: Final = frozenset({Content.JPEG, Content.PNG, Content.WEBP})
#: Kept as they are, for a person to open on a machine of theirs.
DOCUMENTS: Final = frozenset({Content.PDF, Content.TEXT, Content.DOCX, Content.ODT})

_BEGINNINGS: Final = {Content.JPEG: b"\xff\xd8\xff", Content.PNG: b"\x89PNG\r\n\x1a\n"}
_PDF_WITHIN: Final = 1024  # readers allow that much before the header
_HEIC_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
)
_ODT: Final = b"mimetypeapplication/vnd.oasis.opendocument.text"
_MOST_ENTRIES: Final = 5_000
_NOT_IN_TEXT: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def kind_of(content: bytes) -> Content:
    for kind, begins in _BEGINNINGS.items():
        if content.startswith(begins):
            return kind
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return Content.PDF
    if content.startswith(b"PK\x03\x04"):
        return _in_the_box(content)
    return _by_a_mark_inside(content) or (Content.TEXT if _is_text(content) else Content.UNKNOWN)


def _by_a_mark_inside(content: bytes) -> Content | None:
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Content.WEBP
    return Content.HEIC if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS else None


def _in_the_box(content: bytes) -> Content:
    """By the list of what the archive holds; nothing of it is unpacked."""
    if content[30 : 30 + len(_ODT)] == _ODT:
        return Content.ODT
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            names = {entry.filename for entry in box.infolist()[:_MOST_ENTRIES]}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeError, OSError):
        return Content.UNKNOWN
    has_macros = any(name.endswith("vbaProject.bin") for name in names)
    is_docx = {"[Content_Types].xml", "word/document.xml"} <= names
    return Content.DOCX if is_docx and not has_macros else Content.UNKNOWN


def _is_text(content: bytes) -> bool:
    if not content or not _NOT_IN_TEXT.isdisjoint(content):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _looks_like_russian(content)
    return True


def _looks_like_russian(content: bytes) -> bool:
    """Old Windows writes Russian one byte a letter: the letters then are most of what is above ASCII."""
    high = [byte for byte in content if byte >= 0x80]
    return sum(byte >= 0xC0 for byte in high) > 0.9 * len(high)
