import io
import subprocess
import sys
import zlib
from typing import Any

import pytest
from PIL import Image

from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests.intake import attaching, picture_child, pictures
from subject_requests.intake.attaching import Offered, WhyNot, attach, check, tidy_name
from subject_requests.intake.content import Content, kind_of
from subject_requests.intake.serving import download
from subject_requests.models import Attachment
from tests.factories.intake import HEIC, PDF, RECEIVED, WHERE_IT_WAS_TAKEN, make_box, make_docx, make_picture
from tests.factories.subject_requests import make_request


def offered(content: bytes, name: str = "file.bin") -> Offered:
    return Offered(name=name, content=content, size=len(content))


def only(content: bytes, name: str = "file.bin", *, can_be_asked: bool = True) -> Any:
    checked = check([offered(content, name)], can_be_asked=can_be_asked)
    return (checked.taken[0] if checked.taken else None), (checked.refused[0].why if checked.refused else None)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, Content.PDF),
        (b"\xef\xbb\xbf\n" + PDF, Content.PDF),
        ("Привет, это текст".encode(), Content.TEXT),
        ("Привет, это текст".encode("windows-1251"), Content.TEXT),
        (make_docx(), Content.DOCX),
        (make_box({"mimetype": b"application/vnd.oasis.opendocument.text"}), Content.ODT),
        (make_docx(**{"word/vbaProject.bin": b"macro"}), Content.UNKNOWN),
        (make_box({"any.exe": b"MZ"}), Content.UNKNOWN),
        (b"PK\x03\x04 no archive", Content.UNKNOWN),
        (b"MZ\x90\x00\x03", Content.UNKNOWN),
        (b"\x7fELF\x02", Content.UNKNOWN),
        (HEIC, Content.HEIC),
        (b"", Content.UNKNOWN),
    ],
)
def test_kind_is_told_by_the_content(content, kind):
    assert kind_of(content) == kind


def test_check_does_not_believe_the_name():
    taken, why = only(b"MZ\x90\x00\x03", "passport.pdf")

    assert why is None
    assert (taken.kind, taken.is_opened, taken.name) == (Content.UNKNOWN, False, "passport.pdf")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_check_of_a_picture_keeps_the_pixels_and_nothing_else(form):
    dirty = make_picture(form=form)
    assert WHERE_IT_WAS_TAKEN in dirty

    taken, _why = only(dirty, f"me.{form.lower()}")

    assert WHERE_IT_WAS_TAKEN not in taken.content
    with Image.open(io.BytesIO(taken.content)) as clean:
        assert (clean.size, not clean.getexif()) == ((40, 30), True)
        assert clean.convert("RGB").tobytes()[-3] > 150


def test_check_of_a_picture_that_lies_on_its_side_turns_it():
    taken, _why = only(make_picture(orientation=6), "me.jpg")

    with Image.open(io.BytesIO(taken.content)) as clean:
        assert clean.size == (30, 40)


def test_check_of_a_picture_drops_what_is_hidden_behind_its_end():
    taken, _why = only(make_picture(form="PNG") + b"<script>alert(1)</script>", "me.png")

    assert b"script" not in taken.content


def test_check_of_a_webp_gives_it_the_ending_of_what_it_is_now():
    taken, _why = only(make_picture(form="WEBP"), "me.webp")

    assert (taken.kind, taken.name) == (Content.JPEG, "me.jpg")


def _bomb() -> bytes:
    """A kilobyte that says of itself to be a picture of 60,000 by 60,000."""
    head = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    data = b"IDAT" + zlib.compress(bytes(1000))
    chunks = (
        len(chunk[4:]).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        for chunk in (head, data, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_check_refuses_a_bomb_by_its_head():
    assert only(_bomb(), "bomb.png") == (None, WhyNot.PIXELS)


@pytest.mark.parametrize("cut", [30, 300])
def test_check_refuses_a_broken_picture(cut):
    assert only(make_picture(size=(400, 300))[:cut], "me.jpg") == (None, WhyNot.BROKEN)


@pytest.mark.parametrize("content", [HEIC, _bomb(), make_picture()[:40]])
def test_check_keeps_unopened_what_nobody_can_be_asked_about_and_says_so(content):
    taken, why = only(content, can_be_asked=False)

    assert why in attaching.KEPT_UNOPENED
    assert (taken.kind, taken.is_opened, taken.content) == (Content.UNKNOWN, False, content)


def test_check_refuses_more_than_may_come(settings):
    settings.ATTACHMENTS_COUNT, settings.ATTACHMENTS_EACH_MB, settings.ATTACHMENTS_TOGETHER_MB = 3, 1, 2
    megabyte = 1024 * 1024
    sizes = [megabyte + 1, megabyte, 0, 10]

    checked = check([offered(PDF.ljust(size, b" ") if size else b"") for size in sizes], can_be_asked=True)

    assert [(one.place, one.why) for one in checked.refused] == [
        (1, WhyNot.TOO_LARGE),
        (3, WhyNot.EMPTY),
        (4, WhyNot.TOO_MANY),
    ]
    together = check([offered(PDF.ljust(megabyte, b" "))] * 3, can_be_asked=True)
    assert [one.why for one in together.refused] == [WhyNot.TOGETHER]


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\скан.pdf", "скан.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\r\nX: y.pdf", "aX_ y.pdf"),
        ("...", "file"),
        ("", "file"),
        ("и" * 300 + ".pdf", "и" * 116 + ".pdf"),
    ],
)
def test_tidy_name_can_be_shown_and_saved(name, tidy):
    assert tidy_name(name) == tidy


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/hostname')",
        "__import__('socket').socket()",
        "__import__('subprocess').run(['true'])",
        "bytearray(900 * 1024 * 1024)",
    ],
)
def test_child_can_open_no_file_no_connection_and_no_program(deed):
    program = (
        f"import sys; sys.path.insert(0, {str(pictures._CHILD.parent)!r}); import socket, subprocess, picture_child;"
        f"picture_child._give_up_everything_else(); {deed}"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=False)

    assert done.returncode == 1
    assert any(word in done.stderr for word in (b"Too many open files", b"MemoryError", b"OSError"))


def test_child_has_a_clock_of_its_own(monkeypatch):
    assert picture_child.SECONDS < pictures._SECONDS
    monkeypatch.setattr(pictures, "_SECONDS", 0.001)

    with pytest.raises(pictures.TooManyPixels):
        pictures.cleaned(make_picture(), Content.JPEG)


# --- sealed, and given out --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_attach_seals_content_and_name_and_download_only_saves(settings):
    filed = make_request()
    actor = Actor.system("test")
    with processing("rights", actor=actor):
        (kept,) = attach(filed, check([offered(PDF, "скан паспорта.pdf")], can_be_asked=True).taken, at=RECEIVED)

    (on_disk,) = [path for path in settings.FILES_DIR.rglob(f"*{kept.pk.hex}/*") if path.is_file()]
    assert b"PDF" not in on_disk.read_bytes()
    assert "паспорт".encode() not in bytes(Attachment.objects.values_list("file", flat=True).get(pk=kept.pk))
    with processing("rights", actor=actor):
        response = download(Attachment.objects.get(pk=kept.pk))
    assert response.content == PDF
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in response["Content-Security-Policy"]
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "no-store")
