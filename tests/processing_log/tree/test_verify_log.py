"""The export that proves itself, and the one file that verifies it."""

import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from processing_log import events, packages, verify_log
from processing_log.events import Entry
from processing_log.filters import LogFilter
from processing_log.models import Checkpoint, Leaf, LogKey
from processing_log.packages import NothingSigned
from processing_log.sequencer import sequence
from processing_log.signer import sign
from tests.processing_log.test_events import BY_STAFF
from tests.processing_log.tree import by_the_book
from tests.processing_log.tree.conftest import OTHER_SEED, signed

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVERYTHING = LogFilter()
DESTROYED = LogFilter(operation="destroy")


def make_entries(number: int) -> None:
    """Every third one is a destruction."""
    verbs = ("use", "extract", "destroy")
    events.append(BY_STAFF, [Entry(operation=verbs[turn % 3], reason=f"R-{turn}") for turn in range(number)])
    sequence()


@pytest.fixture
def folder(signer, tmp_path):
    return tmp_path


def export(folder: Path, *, wanted: LogFilter = EVERYTHING, since: int | None = None, name: str = "log.zip") -> Path:
    path = folder / name
    packages.write(path, wanted=wanted, since=since, at=NOW)
    return path


def unpack(path: Path) -> Path:
    target = path.with_suffix("")
    shutil.rmtree(target, ignore_errors=True)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(target)
    return target


def verdict(path: Path, *, key: str = "", kept: Path | None = None) -> tuple[int, str]:
    out = io.StringIO()
    status = verify_log.report(path, [key] if key else [], kept, out)
    return status, out.getvalue()


def small(folder: Path, *, wanted: LogFilter = DESTROYED) -> Path:
    """Of 14 entries, with an older checkpoint and gaps in between."""
    make_entries(5)
    sign()
    make_entries(9)
    sign(at_once=True)
    return export(folder, wanted=wanted, since=5)


# --- what is right ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [LogFilter(), DESTROYED, LogFilter(operation="block")])
def test_an_export_is_verified_packed_and_unpacked(folder, wanted):
    path = small(folder, wanted=wanted)

    for form in (path, unpack(path)):
        status, words = verdict(form)
        assert (status, words.splitlines()[-1]) == (0, "VERIFIED"), words
        assert "the log has only grown since it had 5 entries" in words


def test_an_export_verifies_alone_with_nothing_but_the_file_in_it(folder):
    unpacked = unpack(small(folder))
    done = subprocess.run(
        [sys.executable, "-I", unpacked / "verify_log.py", unpacked],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("VERIFIED\n")
    assert "4 entries in this export" in done.stdout


def test_the_second_implementation_agrees(folder):
    unpacked = unpack(small(folder, wanted=LogFilter()))
    entries = (unpacked / "entries.jsonl").read_bytes().splitlines()
    [vkey] = [line.split()[1] for line in (unpacked / "keys").read_text().splitlines()]

    text = by_the_book.open_note((unpacked / "checkpoint").read_text(), vkey)
    head, _gap, older = (unpacked / "consistency").read_text().partition("\n\n")
    old_text = by_the_book.open_note(older, vkey)
    root, old_root = (by_the_book.hashes_in([note.splitlines()[2]])[0] for note in (text, old_text))

    assert root == by_the_book.mth(entries)
    assert old_root == by_the_book.mth(entries[:5])
    assert by_the_book.roots_of_proof(5, 14, old_root, by_the_book.hashes_in(head.splitlines()[1:])) == (old_root, root)


def test_what_is_not_signed_yet_waits_for_the_next_export(folder):
    with pytest.raises(NothingSigned):
        export(folder)
    make_entries(3)
    sign()
    make_entries(3)

    assert packages.write(folder / "log.zip", wanted=LogFilter(), since=None, at=NOW) == 3
    assert verdict(folder / "log.zip")[0] == 0


def test_an_export_of_any_part_of_a_log_of_many_tiles_is_verified(folder):
    make_entries(1500)
    sign()
    chosen = LogFilter(operation="destroy")
    assert verdict(export(folder, wanted=chosen))[0] == 0
    assert verdict(export(folder))[0] == 0
    leaf = Leaf.objects.get(index=777)
    one = LogFilter(since=leaf.event_at, operation="block")
    assert verdict(export(folder, wanted=one))[0] == 0


# --- any byte ----------------------------------------------------------------------------------------------------


def edits(content: bytes, places: Iterator[int]) -> Iterator[bytes]:
    for at in places:
        yield content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        yield content[:at] + content[at + 1 :]
        yield content[:at] + content[at : at + 1] + content[at:]


def missed(path: Path, target: Path, places: Iterator[int]) -> list[int]:
    """The numbers of the edits of `path` that the verifier lets pass in `target`."""
    content = path.read_bytes()
    passed = []
    try:
        for number, edited in enumerate(edits(content, places)):
            path.write_bytes(edited)
            if edited != content and verdict(target)[0] == 0:
                passed.append(number)
    finally:
        path.write_bytes(content)
    return passed


def test_edits_of_what_counts_are_found_by_the_whole_verifier(folder):
    unpacked = unpack(small(folder))
    assert verdict(unpacked)[0] == 0
    for name in ("checkpoint", "consistency", "proof", "leaf_hashes", "keys", "entries.jsonl"):
        size = (unpacked / name).stat().st_size
        step = 25 if name == "entries.jsonl" else 4
        assert missed(unpacked / name, unpacked, iter(range(0, size, step))) == [], name
    assert verdict(unpacked)[0] == 0


# --- what was done, and how it is named ---------------------------------------------------------------------------


def lines_of(unpacked: Path) -> list[bytes]:
    return (unpacked / "entries.jsonl").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda lines: [*lines[:6], lines[6].replace(b"R-1", b"R-9"), *lines[7:]],
            ["entry 6 (line 7): its bytes are not"],
        ),
        (lambda lines: [*lines[:6], *lines[7:]], ["entry 6 is missing: line 7 has a later one"]),
        (lambda lines: lines[:-1], ["entry 13 is missing at the end"]),
        (lambda lines: [*lines, lines[-1]], ["line 15 of the entries is too much"]),
        (
            lambda lines: [*lines[:6], lines[7], lines[6], *lines[8:]],
            [
                "entry 6 is missing: line 7 has a later one",
                "line 8 repeats or moves an entry that belongs before entry 8",
            ],
        ),
        (lambda lines: [*lines[:6], b"{}\n", *lines[6:]], ["line 7 was put in before entry 6"]),
        (lambda lines: [*lines[:3], lines[3], lines[3], *lines[4:]], ["line 5 repeats or moves an entry"]),
        (lambda lines: [*lines[:-1], lines[-1].rstrip()], ["entry 13: the end of line 14 was changed"]),
    ],
)
def test_the_verifier_names_the_entry_and_what_is_wrong_with_it(folder, change, words):
    unpacked = unpack(small(folder, wanted=LogFilter()))
    (unpacked / "entries.jsonl").write_bytes(b"".join(change(lines_of(unpacked))))

    status, said = verdict(unpacked)

    found = [line for line in said.splitlines() if line.startswith("WRONG")]
    assert status == 1
    assert [word in line for word, line in zip(words, found, strict=True)] == [True] * len(words), said


def test_the_verifier_tells_a_changed_hash_from_a_changed_entry(folder):
    unpacked = unpack(small(folder))
    hashes = bytearray((unpacked / "leaf_hashes").read_bytes())
    hashes[40] ^= 1
    (unpacked / "leaf_hashes").write_bytes(hashes)

    assert "leaf_hashes: was changed; the entries themselves are those that were signed" in verdict(unpacked)[1]


def test_what_is_no_export_is_not_readable(folder):
    (folder / "other.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (folder / "text.zip").write_text("text")
    (folder / "empty").mkdir()
    for name in ("other.zip", "text.zip", "empty", "missing"):
        assert verdict(folder / name)[0] == 2, name


@pytest.mark.parametrize("name", ["leaf_hashes", "proof", "SHA256SUMS", "README.txt", "keys", "entries.jsonl"])
def test_a_zip_in_which_a_file_has_another_name_is_not_verified(folder, name):
    path = small(folder)
    path.write_bytes(path.read_bytes().replace(name.encode(), name[:-1].encode() + b"~"))
    assert verdict(path)[0] in (1, 2)


def test_files_that_are_missing_or_too_many_are_named(folder):
    unpacked = unpack(small(folder))
    (unpacked / "README.txt").rename(unpacked / "readme.txt")
    assert "missing, twice or too many: README.txt, readme.txt" in verdict(unpacked)[1]
    (unpacked / "readme.txt").unlink()
    assert verdict(unpacked)[0] == 1


# --- against the one who owns the database ------------------------------------------------------------------------


@pytest.fixture
def seen(folder) -> tuple[Path, str]:
    """What an auditor has kept: a checkpoint of 6 entries and the log's key."""
    make_entries(6)
    kept = folder / "kept"
    kept.write_text(signed().note)
    return kept, LogKey.objects.get().vkey


def forget(superuser, *statements: str) -> None:
    for table in ("event", "leaf", "tile", "treestate", "checkpoint", "logkey"):
        superuser.execute(f"ALTER TABLE processing_log_{table} DISABLE TRIGGER USER")
    for statement in statements:
        superuser.execute(statement)


EVERYTHING_ANEW = (
    "DELETE FROM processing_log_leaf",
    "DELETE FROM processing_log_tile",
    "DELETE FROM processing_log_checkpoint",
    "UPDATE processing_log_treestate SET size = 0, root = sha256(''), after_transaction = '0', after_event = 0",
)


def test_who_keeps_a_checkpoint_finds_everything_written_anew_with_the_same_key(as_superuser, signer, folder, seen):
    kept, key = seen
    forget(as_superuser, "UPDATE processing_log_event SET reason = 'R-99' WHERE reason = 'R-2'", *EVERYTHING_ANEW)
    shutil.rmtree(signer.LOG_SIGNER_DIR)
    sequence()
    make_entries(3)
    sign()

    path = export(folder, since=6)
    assert verdict(path, key=key)[0] == 0  # by itself nothing is wrong with it
    status, words = verdict(path, key=key, kept=kept)
    assert (status, "written anew" in words) == (1, True)


def test_who_keeps_the_key_finds_everything_written_anew_with_another(as_superuser, signer, folder, seen):
    kept, key = seen
    forget(as_superuser, *EVERYTHING_ANEW, "DELETE FROM processing_log_logkey")
    shutil.rmtree(signer.LOG_SIGNER_DIR)
    signer.LOG_SIGNING_KEY = OTHER_SEED
    sequence()
    sign()

    path = export(folder)
    assert verdict(path)[0] == 0
    status, words = verdict(path, key=key, kept=kept)
    assert (status, "none of the keys that you trust has signed it" in words) == (1, True)


@pytest.mark.parametrize("tail", [2, 6])
def test_who_keeps_a_checkpoint_finds_the_tail_cut_off(as_superuser, signer, folder, seen, tail):
    kept, key = seen
    last = Leaf.objects.get(index=6 - tail).event_id
    forget(as_superuser, f"DELETE FROM processing_log_event WHERE id >= {last}", *EVERYTHING_ANEW)
    shutil.rmtree(signer.LOG_SIGNER_DIR)
    if tail == 6:
        make_entries(2)
    sequence()
    sign()

    status, words = verdict(export(folder), key=key, kept=kept)
    assert (status, "the log was cut or rolled back" in words) == (1, True)


def test_who_keeps_a_checkpoint_finds_the_database_rolled_back(slot_database, signer, folder, seen):
    kept, key = seen
    connection.close()
    slot_database.empty()
    shutil.rmtree(signer.LOG_SIGNER_DIR)
    make_entries(8)
    sign()

    status, words = verdict(export(folder, since=6), key=key, kept=kept)
    assert (status, "written anew" in words) == (1, True)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE processing_log_leaf SET data = replace(encode(data, 'escape'), 'R-3', 'R-4')::bytea",
        "DELETE FROM processing_log_leaf WHERE index = 3",
        "UPDATE processing_log_leaf SET index = (ARRAY[4, 3])[index - 2] WHERE index IN (3, 4)",
    ],
)
def test_an_export_of_leaves_that_were_edited_in_the_database_names_the_entry(as_superuser, folder, seen, damage):
    forget(as_superuser, "ALTER TABLE processing_log_leaf DROP CONSTRAINT processing_log_leaf_pkey", damage)

    status, said = verdict(export(folder))
    assert (status, "entry 3" in said) == (1, True), said


def test_a_kept_checkpoint_is_continued_also_where_the_export_holds_no_proof_of_its_own(folder, seen):
    kept, key = seen
    make_entries(5)
    sign(at_once=True)

    whole, part = export(folder), export(folder, wanted=LogFilter(operation="block"), name="part.zip")
    assert verdict(whole, key=key, kept=kept)[0] == 0
    assert "ask for one" in verdict(part, key=key, kept=kept)[1]
    proved = export(folder, wanted=DESTROYED, since=6, name="proved.zip")
    assert verdict(proved, key=key, kept=kept)[0] == 0


def test_a_rotated_key_is_followed(signer, folder, seen):
    kept, key = seen
    signer.LOG_SIGNING_KEY = f"{OTHER_SEED} {signer.LOG_SIGNING_KEY}"
    make_entries(2)
    sign(at_once=True)

    assert verdict(export(folder, since=6), key=key, kept=kept)[0] == 0
    assert Checkpoint.objects.count() == 2
    assert LogKey.objects.count() == 2


def test_the_commands_write_and_verify_the_same(folder, seen):
    make_entries(2)
    sign(at_once=True)
    out = io.StringIO()
    call_command("export_log", "--format", "zip", "--since", "6", "--output", str(folder / "log.zip"), stdout=out)
    call_command("verify_log", str(folder / "log.zip"), "--checkpoint", str(seen[0]), "--key", seen[1], stdout=out)
    assert "VERIFIED" in out.getvalue()

    content = bytearray((folder / "log.zip").read_bytes())
    content[-1] ^= 1
    (folder / "log.zip").write_bytes(content)
    with pytest.raises(SystemExit) as left:
        call_command("verify_log", str(folder / "log.zip"), stdout=out)
    assert left.value.code == 1
