"""Files that come with a request: looked at, cleaned, sealed. None is lost in silence: what is not taken is told to the
person, what is not known is kept unopened for staff to decide about."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import services
from subject_requests.intake import limits, pictures
from subject_requests.intake.content import PICTURES, Content, kind_of
from subject_requests.intake.models import Attachment, What
from subject_requests.models import Message, Request

LONGEST_NAME: Final = 120
_UNFIT: Final = re.compile(r'[\\/:*?"<>|]')
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # also what turns the reading direction


class WhyNot(TextChoices):
    EMPTY = "empty", _("the file is empty")
    TOO_LARGE = "too_large", _("the file is too large")
    TOO_MANY = "too_many", _("there are too many files")
    TOGETHER = "together", _("together the files are too large")
    HEIC = "heic", _("pictures in Apple’s HEIC form cannot be opened here; please send it as JPEG, PNG or PDF")
    BROKEN = "broken", _("it begins like a picture, but cannot be opened as one")
    PIXELS = "pixels", _("the picture has too many pixels")


#: Where nobody can be asked again these are kept as they came.
KEPT_UNOPENED: Final = frozenset({WhyNot.HEIC, WhyNot.BROKEN, WhyNot.PIXELS})


@dataclass(frozen=True, kw_only=True)
class Offered:
    """`size` is what it had on its way here; content that did not fit is not here."""

    name: str
    content: bytes
    size: int


@dataclass(frozen=True, kw_only=True)
class Taken:
    name: str
    content: bytes
    kind: Content
    is_opened: bool


@dataclass(frozen=True, kw_only=True)
class Refused:
    """`place` counts from 1, in the order in which the files came: a mail can say it without naming a file."""

    place: int
    name: str
    why: WhyNot


@dataclass(frozen=True, kw_only=True)
class Checked:
    taken: Sequence[Taken]
    refused: Sequence[Refused]


def check(offered: Iterable[Offered], *, can_be_asked: bool) -> Checked:
    """Touches no database. `can_be_asked`: the person is here and may choose another file; else what could be kept is
    kept, and told of all the same."""
    allowed = limits.of_attachments()
    taken: list[Taken] = []
    refused: list[Refused] = []
    together = 0
    for place, file in enumerate(offered, start=1):
        name = tidy_name(file.name)
        why = _fits(file, place, together, allowed)
        if why is None:
            together += file.size
            one, why = _looked_at(name, file.content, can_be_asked=can_be_asked)
            taken += [one] if one else []
        if why is not None:
            refused.append(Refused(place=place, name=name, why=why))
    return Checked(taken=taken, refused=refused)


def attach(
    request: Request,
    files: Iterable[Taken],
    *,
    at: datetime,
    what: What = What.ENCLOSURE,
    message: Message | None = None,
) -> list[Attachment]:
    """To be called inside of processing()."""
    return [
        Attachment.objects.create(
            request=request,
            subject_id=request.subject_id,
            message=message,
            what=what,
            content=file.kind,
            is_opened=file.is_opened,
            size=len(file.content),
            received_at=at,
            file=ContentFile(file.content, name=file.name),
        )
        for file in files
    ]


def file_with_files(*, subject_id: UUID, files: Sequence[Taken], actor: Actor, at: datetime, **asked: Any) -> Request:
    """services.file_request() with files. Raises what it raises."""
    with processing(services.PURPOSE, actor=actor):
        filed = services.file_request(subject_id=subject_id, actor=actor, at=at, **asked)
        attach(filed, files, at=at, message=filed.messages.first())
    return filed


def add_with_files(request: Request, *, text: str, files: Sequence[Taken], actor: Actor, at: datetime) -> Message:
    """services.add_words() with files. Raises what it raises."""
    with processing(services.PURPOSE, actor=actor):
        written = services.add_words(request_id=request.pk, text=text, actor=actor, at=at)
        attach(request, files, at=at, message=written)
    return written


def tidy_name(name: str) -> str:
    """A name that can be shown and saved anywhere: no folders, no signs that are not seen, an ending that is kept."""
    last = re.split(r"[\\/]", name)[-1]
    seen = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign) not in _UNSEEN)
    clean = _UNFIT.sub("_", seen).strip(" .") or "file"
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending) > 10:
        return clean[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def _fits(file: Offered, place: int, together: int, allowed: limits.Limits) -> WhyNot | None:
    if place > allowed.count:
        return WhyNot.TOO_MANY
    if file.size > allowed.each:
        return WhyNot.TOO_LARGE
    if together + file.size > allowed.together:
        return WhyNot.TOGETHER
    return None if file.size else WhyNot.EMPTY


def _looked_at(name: str, content: bytes, *, can_be_asked: bool) -> tuple[Taken | None, WhyNot | None]:
    kind = kind_of(content)
    if kind == Content.HEIC:
        return _unopened(name, content, WhyNot.HEIC, can_be_asked)
    if kind not in PICTURES:
        is_known = kind != Content.UNKNOWN
        return Taken(name=name, content=content, kind=kind, is_opened=is_known), None
    try:
        clean, now = pictures.cleaned(content, kind)
    except pictures.NotAPicture:
        return _unopened(name, content, WhyNot.BROKEN, can_be_asked)
    except pictures.TooManyPixels:
        return _unopened(name, content, WhyNot.PIXELS, can_be_asked)
    return Taken(name=_with_ending(name, now), content=clean, kind=now, is_opened=True), None


def _unopened(name: str, content: bytes, why: WhyNot, can_be_asked: bool) -> tuple[Taken | None, WhyNot]:
    if can_be_asked:
        return None, why
    return Taken(name=name, content=content, kind=Content.UNKNOWN, is_opened=False), why


_ENDINGS: Final = {
    Content.JPEG: ("jpg", "jpeg"),
    Content.PNG: ("png",),
    Content.WEBP: ("webp",),
}


def _with_ending(name: str, kind: Content) -> str:
    """The name of a picture that may be of another form now."""
    endings = _ENDINGS.get(kind, ())
    stem, dot, ending = name.rpartition(".")
    if not endings or (dot and ending.lower() in endings):
        return name
    return f"{stem if dot else name}.{endings[0]}"


def found(request_id: UUID, attachment_id: UUID, *, subject_id: UUID) -> Attachment | None:
    return Attachment.objects.filter(pk=attachment_id, request_id=request_id, subject_id=subject_id).first()
