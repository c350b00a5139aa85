"""Every single-byte edit of an export of a thousand entries is found, and nothing else is.

EVERY_BYTE=1 makes every edit there is: each byte less, each of the 255 others in its place, each of the 256 before it,
and after the last one. Otherwise some edits at EDITS places of each file, at random. With -s it says how many there
were. Each is asked of the step of the verifier that reads the edited place; what this one lets pass is shown to the
whole verifier, and so are some of the others, since a step that finds what the verifier would not finds nothing."""

import io
import os
import random
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from processing_log import events, packages, verify_log
from processing_log.events import Entry
from processing_log.sequencer import sequence
from processing_log.signer import sign
from processing_log.verify_log import BROKEN_ZIP, Export, NotReadable
from tests.processing_log.test_events import BY_STAFF
from tests.processing_log.tree.conftest import OTHER_SEED
from tests.processing_log.tree.held import Held, Walker
from tests.processing_log.tree.steps import OfSeal, Step, carry_out, edits, step_of
from tests.processing_log.tree.test_verify_log import DESTROYED, NOW, unpack, verdict

pytestmark = pytest.mark.django_db(transaction=True)

EVERY_BYTE = os.environ.get("EVERY_BYTE") == "1"
EDITS = int(os.environ.get("EDITS", "8"))
#: Each edit of so many is shown to the walk through the entries, and to the whole verifier, though a step has found it.
BY_WALK, BY_WHOLE = (397, 39_989) if EVERY_BYTE else (1, 37)
#: Of these an edit is found although the list of digests is made to fit. The others only this list holds together.
PROVED = ("checkpoint", "consistency", "entries.jsonl", "keys", "leaf_hashes", "proof")
LISTED = ("README.txt", "SHA256SUMS", "export.json", "verify_log.py")


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
    """Places in a file, and its end."""
    return range(size + 1) if EVERY_BYTE else [*sorted(random.Random(size).sample(range(size), min(EDITS, size))), size]


def whole(files: dict[str, bytes]) -> int:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(verify_log, "Export", lambda *_: Held(files))
        return verify_log.report(Path("held"), [], None, io.StringIO())


@dataclass
class Tally:
    """`alarms`: a byte put in its own place, and complained of. `missed`: an edit that is verified. `disagreed`: an
    edit that a step complains of, and the walk does not."""

    edits: int = 0
    alarms: int = 0
    missed: int = 0
    disagreed: int = 0
    by_walk: int = 0
    by_whole: int = 0

    def tell(self, name: str, size: int, more: str) -> None:
        print(
            f"{name}: {size:,} bytes, {self.edits:,} edits, {self.missed} missed, {self.alarms} false alarms;"
            f" {self.by_whole:,} by the whole verifier too, {more}"
        )


@pytest.mark.parametrize("name", [*PROVED, *LISTED])
def test_every_edit_of_a_file_of_an_export_is_found(exported, monkeypatch, name):
    files = {file.name: file.read_bytes() for file in unpack(exported).iterdir()}
    assert sorted(files) == sorted([*PROVED, *LISTED])
    assert whole(files) == 0
    content = files[name]
    checkpoint = verify_log.read_checkpoint("checkpoint", files["checkpoint"], verify_log.read_keys(files["keys"]))
    walker = Walker(files, checkpoint, monkeypatch)
    step = step_of(name, files, checkpoint, walker)
    is_walked = name in ("entries.jsonl", "leaf_hashes")
    tally = Tally(alarms=alarms(step, content))
    for edit in edits(content, some(len(content)), every_value=EVERY_BYTE):
        tally.edits += 1
        goes_on = step.lets_pass(*edit)
        if is_walked and (goes_on or tally.edits % BY_WALK == 0):
            tally.by_walk += 1
            went_on, goes_on = goes_on, walker.lets_pass(name, edit[0], carry_out(edit, content))
            tally.disagreed += goes_on and not went_on
        if goes_on or tally.edits % BY_WHOLE == 0:
            tally.by_whole += 1
            edited = files | {name: carry_out(edit, content)}
            tally.missed += whole(listed_anew(edited) if name in PROVED else edited) == 0
    tally.tell(name, len(content), f"{tally.by_walk:,} by the walk")
    assert (tally.missed, tally.alarms, tally.disagreed, whole(files)) == (0, 0, 0, 0)
    assert listed_anew(files) == files


def listed_anew(files: dict[str, bytes]) -> dict[str, bytes]:
    """Nobody signs the list of digests: whoever edits a file can do this."""
    digests = {name: sha256(files[name]).hexdigest() for name in sorted(files) if name != "SHA256SUMS"}
    return files | {"SHA256SUMS": b"".join(verify_log.line_of(name, digest) for name, digest in digests.items())}


def alarms(step: Step, content: bytes) -> int:
    return sum(not step.lets_pass(at, 1, content[at : at + 1]) for at in some(len(content)))


def test_every_edit_of_a_zip_is_found(exported):
    """Each against the digest at its end, which no ZIP is verified without. What holds the ZIP together is opened with
    each edit too, since nothing in a ZIP may make the verifier stumble, and with one of 37 it is read to the end."""
    content = exported.read_bytes()
    packed = packed_places(exported)
    step = OfSeal(content)
    tally, opened = Tally(alarms=alarms(step, content)), 0
    for edit in edits(content, some(len(content)), every_value=EVERY_BYTE):
        tally.edits += 1
        holds_together = not any(edit[0] in part for part in packed)
        if holds_together:
            exported.write_bytes(carry_out(edit, content))
            can_be_opened(exported)
            opened += 1
        every = 37 if holds_together else BY_WHOLE
        if step.lets_pass(*edit) or not EVERY_BYTE or tally.edits % every == 0:
            exported.write_bytes(carry_out(edit, content))
            tally.missed += verdict(exported)[0] == 0
            tally.by_whole += 1
    tally.tell("log.zip", len(content), f"{opened:,} opened")
    exported.write_bytes(content)
    assert (tally.missed, tally.alarms, verdict(exported)[0]) == (0, 0, 0)


def packed_places(path: Path) -> list[range]:
    """Where the contents of the files are."""
    with zipfile.ZipFile(path) as archive:
        ends = [info.header_offset for info in archive.infolist()[1:]] + [archive.start_dir]
        return [range(end - info.compress_size, end) for info, end in zip(archive.infolist(), ends, strict=True)]


def can_be_opened(path: Path) -> bool:
    """With all that is in it. What else an edited ZIP is answered with is not caught, and fails the test."""
    with ExitStack() as stack:
        try:
            export = Export(path, stack)
            for name in export.names:
                export.open(name).close()
        except (NotReadable, *BROKEN_ZIP):
            return False
    return True
