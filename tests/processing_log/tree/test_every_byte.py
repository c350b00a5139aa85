"""Every single-byte edit of an export of a thousand entries is found, and nothing else is.

EVERY_BYTE=1 edits every byte of it (half an hour to one); else EDITS places of each file, at random. With -s it says
how many edits there were."""

import io
import os
import random
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from processing_log import events, packages, verify_log
from processing_log.events import Entry
from processing_log.sequencer import sequence
from processing_log.signer import sign
from processing_log.verify_log import BROKEN_ZIP, Export, Wrong
from tests.processing_log.test_events import BY_STAFF
from tests.processing_log.tree.conftest import OTHER_SEED
from tests.processing_log.tree.held import Held, Searcher, edits
from tests.processing_log.tree.test_verify_log import DESTROYED, NOW, unpack, verdict

pytestmark = pytest.mark.django_db(transaction=True)

EVERY_BYTE = os.environ.get("EVERY_BYTE") == "1"
EDITS = int(os.environ.get("EDITS", "8"))
#: Of these each byte is replaced by all others, and all bytes are put in before it; of the larger ones some.
EVERY_VALUE = ("checkpoint", "consistency", "proof", "keys", "SHA256SUMS", "export.json")
LONG = ("entries.jsonl", "leaf_hashes", "README.txt", "verify_log.py")


@pytest.fixture
def exported(signer: Any, tmp_path: Path) -> Path:
    """A thousand entries of fifteen hundred, in four pieces; the checkpoint and the older one with two signatures."""
    signer.LOG_SIGNING_KEY = f"{OTHER_SEED} {signer.LOG_SIGNING_KEY}"
    entries = [Entry(operation="destroy" if turn % 375 < 250 else "use", reason=f"R-{turn}") for turn in range(1500)]
    for part in (entries[:700], entries[700:]):
        events.append(BY_STAFF, part)
        sequence()
        sign(at_once=True)
    path = tmp_path / "log.zip"
    assert packages.write(path, wanted=DESTROYED, since=700, at=NOW) == 1000
    return path


def some(size: int) -> Iterable[int]:
    """Places in a file."""
    return range(size) if EVERY_BYTE else sorted(random.Random(size).sample(range(size), min(EDITS, size)))


def whole(files: dict[str, bytes]) -> int:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(verify_log, "Export", lambda *_: Held(files))
        return verify_log.report(Path("held"), [], None, io.StringIO())


@pytest.mark.parametrize("name", [*EVERY_VALUE, *LONG])
def test_every_edit_of_a_file_of_an_export_is_found(exported, monkeypatch, name):
    files = {file.name: file.read_bytes() for file in unpack(exported).iterdir()}
    assert sorted(files) == sorted([*EVERY_VALUE, *LONG])
    assert whole(files) == 0
    content, searcher = files[name], Searcher(files, whole, monkeypatch)
    number = missed = 0
    for at, edited in edits(content, some(len(content)), every_value=EVERY_BYTE and name in EVERY_VALUE):
        number += 1
        missed += searcher.lets_pass(name, at, edited)
    print(f"{name}: {len(content):,} bytes, {number:,} edits, {missed} missed")
    assert (missed, whole(files)) == (0, 0)


def test_every_edit_of_a_zip_is_found(exported):
    """Each against the digest at its end, which no ZIP is verified without; those of what holds the ZIP together, and
    some of the rest, by the whole verifier too."""
    content = exported.read_bytes()
    packed = packed_places(exported)
    number = missed = asked = 0
    for at, edited in edits(content, some(len(content)), every_value=False):
        exported.write_bytes(edited)
        number += 1
        is_asked = not EVERY_BYTE or number % 997 == 0 or not any(at in part for part in packed)
        asked += is_asked
        missed += (is_asked or has_its_digest(exported)) and verdict(exported)[0] == 0
    print(f"log.zip: {len(content):,} bytes, {number:,} edits, {missed} missed; {asked:,} by the whole verifier")
    exported.write_bytes(content)
    assert (missed, verdict(exported)[0]) == (0, 0)


def packed_places(path: Path) -> list[range]:
    """Where the contents of the files are."""
    with zipfile.ZipFile(path) as archive:
        ends = [info.header_offset for info in archive.infolist()[1:]] + [archive.start_dir]
        return [range(end - info.compress_size, end) for info, end in zip(archive.infolist(), ends, strict=True)]


def has_its_digest(path: Path) -> bool:
    try:
        Export.check_wrapping(SimpleNamespace(zip=True, path=path))  # type: ignore[arg-type]
    except (Wrong, *BROKEN_ZIP):
        return False
    return True
