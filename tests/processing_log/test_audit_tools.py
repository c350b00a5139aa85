"""Charts, unusual reads, samples and kept checkpoints on the auditor's desk."""

import hashlib
import html
import itertools
import json
import re
import subprocess
import sys
import textwrap
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from access.roles import Role
from law import clock
from processing_log import kept, notes, overview, packages, sampling, tally, unusual, verify_log
from processing_log.actors import Actor, ActorKind
from processing_log.filters import LogFilter
from processing_log.kept import Verdict
from processing_log.models import Checkpoint, Event, Leaf, Tally
from processing_log.notes import TreeHead
from processing_log.scopes import TooMuch
from processing_log.unusual import Sign, Span
from tests.factories.accounts import make_user, sign_in
from tests.factories.log_tree import SEED, make_checkpoint
from tests.factories.processing_log import STAFF, make_event
from tests.processing_log.test_mandates import scope_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user():
    return make_user(address="auditor@example.org", role=Role.AUDITOR, language="en")


@pytest.fixture
def seat(client, user):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return sign_in(client, user)


@pytest.fixture
def limited(user):
    """A narrower mandate in place of the usual one."""
    from processing_log import mandates
    from processing_log.models import Mandate

    mandates.end(mandate_id=Mandate.objects.get().pk, how="early", by=uuid4(), at=clock.now())
    return lambda **limits: scope_of(user, **limits)


# --- charts ---------------------------------------------------------------------------------------------------------


def test_each_entry_is_counted_once_however_often_it_is_counted():
    for _ in range(3):
        make_event(operation="extract", purpose="rights", subject=uuid4())
    make_checkpoint()
    tally.count()
    tally.count()
    make_event(operation="extract", purpose="rights")
    make_checkpoint()
    tally.count()

    [row] = Tally.objects.filter(operation="extract")
    assert (row.number, row.purpose, row.actor_id) == (4, "rights", STAFF.id)
    assert sum(Tally.objects.values_list("number", flat=True)) == Leaf.objects.count()


def test_people_who_are_many_are_counted_without_their_reference():
    make_event(actor=Actor(kind=ActorKind.USER, id=str(uuid4())), operation="use")
    make_checkpoint()
    tally.count()

    assert Tally.objects.get(operation="use").actor_id == ""


def test_overview_counts_within_the_mandate_only(limited):
    make_event(operation="destroy", purpose="retention")
    make_event(operation="extract", purpose="rights")
    make_checkpoint()
    tally.count()
    today = clock.now().date()

    shown = overview.overview(limited(operations=("destroy",)), first=today - timedelta(days=2), last=today)

    assert shown.total == 1
    assert [number for _name, number in shown.purposes] == [1]


def test_overview_leaves_out_a_day_of_which_the_mandate_holds_a_part(limited):
    make_event()
    make_checkpoint()
    tally.count()
    now = clock.now()
    today = now.date()
    scope = limited(events_since=now - timedelta(minutes=1))

    assert overview.overview(scope, first=today - timedelta(days=2), last=today).total == 0


@pytest.mark.parametrize(("days", "columns"), [(0, 1), (30, 31), (100, 15), (400, 14)])
def test_overview_has_a_readable_number_of_columns(limited, days, columns):
    last = datetime(2026, 3, 31, tzinfo=UTC).date()

    shown = overview.overview(limited(), first=last - timedelta(days=days), last=last)

    assert abs(len(shown.over_time[0].columns) - columns) <= 1


def test_page_of_charts_has_a_table_for_each_and_is_an_event(seat):
    make_event(operation="extract", subject=uuid4(), reason="")
    make_checkpoint()
    tally.count()

    page = seat.get(reverse("audit:overview")).content.decode()

    assert page.count("<table") >= 5
    assert "Unusual reads" in page
    assert Event.objects.latest("id").reason.startswith("overview since=")


# --- unusual reads --------------------------------------------------------------------------------------------------


@pytest.fixture
def nobody_asked(monkeypatch):
    monkeypatch.setattr(unusual._knowledge, "requests", lambda _subjects: {})
    monkeypatch.setattr(unusual._knowledge, "colleagues", frozenset)


def read(
    *, at: str = "2026-03-03T12:00:00+03:00", subject: UUID | None = None, reason: str = "", purpose: str = "rights"
):
    return Event(
        at=datetime.fromisoformat(at), operation="extract", actor_kind="staff", actor_id="clerk", fact="",
        subject=subject or uuid4(), purpose=purpose, reason=reason, categories=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "is_out"),
    [
        ("2026-03-03T08:00:00+03:00", False),
        ("2026-03-03T19:59:00+03:00", False),
        ("2026-03-03T20:00:00+03:00", True),
        ("2026-03-03T07:59:00+03:00", True),
        ("2026-03-01T12:00:00+03:00", True),  # a Sunday
        ("2026-03-09T12:00:00+03:00", True),  # a Monday off
    ],
)
def test_a_read_out_of_hours_is_unusual(nobody_asked, at, is_out):
    [signs] = unusual._signs([read(at=at, reason="2026-000001")])

    assert (Sign.OUT_OF_HOURS in signs) is is_out


def test_reads_of_twenty_people_in_a_day_are_unusual(nobody_asked):
    nineteen = [read(reason="2026-000001") for _ in range(19)]
    assert not any(unusual._signs([*nineteen, nineteen[0]]))
    assert all(Sign.MANY in signs for signs in unusual._signs([*nineteen, read(reason="2026-000001")]))


def test_a_read_of_a_colleague_is_unusual_unless_it_is_work_with_accounts(nobody_asked, monkeypatch):
    colleague = uuid4()
    monkeypatch.setattr(unusual._knowledge, "colleagues", lambda: {colleague})

    signs = unusual._signs([read(subject=colleague), read(subject=colleague, purpose="staff")])

    assert signs == [[Sign.COLLEAGUE], []]


def test_a_read_without_an_open_request_is_unusual_unless_one_is_named(nobody_asked, monkeypatch):
    asked = uuid4()
    span = Span(since=datetime(2026, 3, 1, tzinfo=UTC), until=datetime(2026, 3, 4, tzinfo=UTC))
    monkeypatch.setattr(unusual._knowledge, "requests", lambda _subjects: {asked: [span]})
    reads = [
        read(subject=asked),
        read(subject=asked, at="2026-03-05T12:00:00+03:00"),
        read(reason="request 2026-000007"),
        read(),
    ]

    assert unusual._signs(reads) == [[], [Sign.NO_REQUEST], [], [Sign.NO_REQUEST]]


# --- samples --------------------------------------------------------------------------------------------------------


def by_the_book(checkpoint: Checkpoint, word: str, indices: list[int]) -> list[int]:
    root = b64encode(bytes(checkpoint.root)).decode()
    seed = f"operator-portal/sample@v2\n{root}{' ' + word if word else ''}\n"
    return sorted(indices, key=lambda index: hashlib.sha256(f"{seed}{index}\n".encode()).hexdigest())


def in_turns(checkpoint: Checkpoint, word: str, indices: list[int]) -> Iterator[tuple[int, int]]:
    """(entry, turn)"""
    root = b64encode(bytes(checkpoint.root)).decode()
    met: set[int] = set()
    for turn in itertools.count():
        digest = hashlib.sha256(f"operator-portal/sample@v2\n{root} {word}\ndraw {turn}\n".encode()).hexdigest()
        if (index := int(digest, 16) % checkpoint.size) in indices and index not in met:
            met.add(index)
            yield index, turn


@pytest.mark.parametrize("word", ["", "otter-41"])
def test_sample_is_what_anybody_computes_and_a_larger_one_begins_with_it(limited, word):
    for _ in range(30):
        make_event(operation="use")
    checkpoint = make_checkpoint()
    make_event(operation="use")
    make_checkpoint()
    wanted = LogFilter(within=limited(operations=("use",)))

    five, ten = (sampling.draw(wanted, checkpoint, number=number, word=word) for number in (5, 10))

    events = Event.objects.filter(operation="use").values_list("pk", flat=True)
    indices = list(
        Leaf.objects.filter(event_id__in=list(events), index__lt=checkpoint.size).values_list("index", flat=True)
    )
    expected = by_the_book(checkpoint, word, indices)
    assert [each.index for each in ten.drawn] == expected[:10]
    assert [each.index for each in five.drawn] == expected[:5]
    assert ten.population == 30
    first = ten.drawn[0]
    assert first.rank == sampling.rank(first.index, root=bytes(checkpoint.root), word=word)


@pytest.fixture
def many(monkeypatch):
    """More than a few are eight."""
    monkeypatch.setattr(sampling, "FEW", 8)


def test_sample_of_many_is_drawn_in_turns_as_anybody_does(many, limited):
    for number in range(30):
        make_event(operation="use" if number % 3 else "extract")
    checkpoint = make_checkpoint()
    make_event(operation="use")
    make_checkpoint()
    wanted = LogFilter(within=limited(operations=("use",)))

    five, ten = (sampling.draw(wanted, checkpoint, number=number, word="otter-41") for number in (5, 10))

    events = Event.objects.filter(operation="use").values_list("pk", flat=True)
    leaves = Leaf.objects.filter(event_id__in=list(events), index__lt=checkpoint.size)
    expected = list(
        itertools.islice(in_turns(checkpoint, "otter-41", list(leaves.values_list("index", flat=True))), 10)
    )
    assert [(each.index, each.turn) for each in ten.drawn] == expected
    assert five.drawn == ten.drawn[:5]
    assert ten.population is None


def test_sample_of_many_that_takes_too_long_is_given_up(many, limited):
    for _ in range(10):
        make_event(operation="use")
    checkpoint = make_checkpoint()

    with pytest.raises(TooMuch):
        sampling.draw(LogFilter(within=limited()), checkpoint, number=5, seconds=0)


def verified(path: Path) -> tuple[int, str]:
    out = StringIO()
    return verify_log.report(path, [], None, out), out.getvalue()


@pytest.mark.parametrize("few", [8, 5000])
def test_sample_is_taken_as_a_zip_that_proves_itself_and_how_it_was_drawn(seat, tmp_path, monkeypatch, few):
    monkeypatch.setattr(sampling, "FEW", few)
    for _ in range(12):
        make_event(operation="use")
    checkpoint = make_checkpoint()
    make_event(operation="use")
    make_checkpoint()
    asked = {"number": 4, "word": "otter", "operation": "use", "size": checkpoint.size}
    page = seat.get(reverse("audit:sample"), asked).content.decode()
    [address] = map(html.unescape, re.findall(r'href="(/audit/sample/file/[^"]+)"', page))

    path = tmp_path / "sample.zip"
    path.write_bytes(seat.get(address).content)

    status, said = verified(path)
    way = "in turns" if few == 8 else "by their ranks"
    assert status == 0, said
    assert f"a sample of 4, drawn {way} by the checkpoint of {checkpoint.size} entries and the word 'otter'" in said
    assert f"the log has only grown since it had {checkpoint.size} entries" in said
    with zipfile.ZipFile(path) as archive:
        entries = [json.loads(line) for line in archive.read("entries.jsonl").splitlines()]
        assert "ВЫБОРКА" in archive.read("README.txt").decode().upper()
    shown = {int(number) for number in re.findall(r"/audit/events/(\d+)/", page)}
    assert {entry["id"] for entry in entries} == shown
    taken = Event.objects.latest("id")
    assert (taken.fact, taken.reason.split()[:3]) == (
        "log_exported", ["format=zip", "sample=4", f"checkpoint={checkpoint.size}"]
    )  # fmt: skip


def repack(path: Path, changed: dict[str, bytes], folder: Path) -> Path:
    """The folder, with all digests as they would be: whoever changes a sample can do as much."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()} | changed
    del files["SHA256SUMS"]
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    folder.mkdir(exist_ok=True)
    for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("few", [8, 5000])
def test_a_sample_that_was_not_drawn_so_is_not_verified(limited, tmp_path, monkeypatch, few):
    monkeypatch.setattr(sampling, "FEW", few)
    for _ in range(12):
        make_event(operation="use")
    checkpoint = make_checkpoint()
    wanted = LogFilter(within=limited())
    path = tmp_path / "sample.zip"
    sample = sampling.draw(wanted, checkpoint, number=4, word="otter")
    packages.write_sample(path, sample, wanted=wanted, number=4, at=clock.now())
    with zipfile.ZipFile(path) as archive:
        right = archive.read("sample").decode()
    head, seed, size, first, second, *others = right.splitlines(keepends=True)
    other = next(index for index in range(12) if index not in {each.index for each in sample.drawn})
    assert verified(repack(path, {}, tmp_path / "same"))[0] == 0

    for wrong in (
        head + seed.replace("otter", "beaver") + "".join([size, first, second, *others]),
        head + seed + "".join([size, second, first, *others]),
        head + seed + "".join([size, first, *others]),
        head + seed + "".join([size, f"{other} {first.split()[1]}\n", second, *others]),
        head + seed + "".join([f"{checkpoint.size + 1}\n", first, second, *others]),
        head + seed + size + first.strip(),
        head,
        "",
    ):
        status, said = verified(repack(path, {"sample": wrong.encode()}, tmp_path / "other"))
        assert (status, "WRONG sample: " in said) == (1, True), (wrong, said)


def test_sample_of_the_command_is_that_of_the_page(seat, tmp_path):
    for _ in range(8):
        make_event()
    make_checkpoint()
    out = StringIO()

    path = tmp_path / "sample.zip"
    call_command("sample_log", "--number", "3", "--word", "otter", "--json", "--output", str(path), stdout=out)
    assert verified(path)[0] == 0
    assert Event.objects.latest("id").fact == "log_exported"
    page = seat.get(reverse("audit:sample"), {"number": 3, "word": "otter", "since": "2020-01-01"}).content.decode()

    for each in json.loads(out.getvalue())["sample"]:
        assert f"{each['rank'][:16]}" in page
    assert "sample=3" in Event.objects.latest("id").reason


@pytest.mark.parametrize("asked", [{"number": 0}, {"number": 501}, {"size": 7777}, {"word": "<b>"}])
def test_sample_says_what_cannot_be_drawn(seat, asked):
    make_event()
    make_checkpoint()

    assert seat.get(reverse("audit:sample"), {"number": 3, **asked}).status_code == 400


@pytest.mark.parametrize("few", [8, 5000])
def test_sample_can_be_drawn_from_an_export_by_its_readme(limited, tmp_path, monkeypatch, few):
    monkeypatch.setattr(sampling, "FEW", few)
    for _ in range(12):
        make_event(operation="use")
    checkpoint = make_checkpoint()
    wanted = LogFilter(within=limited(operations=("use",)))
    packages.write(tmp_path / "log.zip", wanted=wanted, since=None, at=clock.now())
    with zipfile.ZipFile(tmp_path / "log.zip") as archive:
        archive.extractall(tmp_path)
    readme = (tmp_path / "README.txt").read_text()
    program = textwrap.dedent(readme[readme.rindex("    import hashlib") :])
    program = program.replace("ROOT", b64encode(bytes(checkpoint.root)).decode()).replace("SIZE", str(checkpoint.size))
    program = program.replace(", 25", ", 4").replace("> 5000", f"> {few}")

    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)

    drawn = sampling.draw(wanted, checkpoint, number=4).drawn
    assert run.stdout.split() == [part for each in drawn for part in (str(each.index), each.rank)]


# --- a kept checkpoint ----------------------------------------------------------------------------------------------


def test_kept_checkpoint_that_the_log_grew_from_is_proved():
    make_event()
    old = make_checkpoint()
    for _ in range(5):
        make_event()
    new = make_checkpoint()

    found = kept.compare(old.note)

    assert (found.verdict, found.is_good) == (Verdict.GROWN, True)
    assert found.proof
    assert kept.compare(new.note).verdict == Verdict.SAME
    as_mailed = "\r\n\r\n" + old.note.replace("\n", " \r\n") + "\r\n"
    assert kept.compare(as_mailed).verdict == Verdict.GROWN


def test_kept_checkpoint_tells_each_misfit_apart(as_superuser):
    make_event()
    newest = make_checkpoint()
    key = Ed25519PrivateKey.from_private_bytes(notes.from_base64(SEED))
    head = TreeHead.parse(notes.Note.parse(newest.note).text)

    def signed(*, origin: str = head.origin, size: int = head.size, root: bytes = head.root, by=key) -> str:
        return str(notes.sign(str(TreeHead(origin=origin, size=size, root=root)), origin, by))

    assert kept.compare(signed(size=head.size + 5)).verdict == Verdict.CUT
    assert kept.compare(signed(root=b"x" * 32)).verdict == Verdict.FORKED
    assert kept.compare(signed(size=head.size - 1, root=b"x" * 32)).verdict == Verdict.FORKED
    assert kept.compare(signed(origin="another.example/log")).verdict == Verdict.OTHER_LOG
    assert kept.compare(signed(by=Ed25519PrivateKey.generate())).verdict == Verdict.UNKNOWN_KEY
    broken = newest.note.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n")
    assert kept.compare(broken).verdict == Verdict.BROKEN


@pytest.mark.parametrize(
    "garbage", ["hello", "", "\x00\x01", "a\n5\nAAAA\n\n— a b\n", "log\n-1\n\n\n", "— x y", "я" * 5000]
)
def test_kept_garbage_is_no_checkpoint(garbage):
    make_event()
    make_checkpoint()

    assert kept.compare(garbage).verdict == Verdict.NO_NOTE


def test_kept_says_so_when_hashes_are_missing_or_nothing_is_signed(as_superuser):
    assert kept.compare("x").verdict == Verdict.NOTHING_SIGNED
    make_event()
    old = make_checkpoint()
    make_event()
    make_checkpoint()
    as_superuser.execute("SET session_replication_role = replica")
    as_superuser.execute("ALTER TABLE processing_log_tile DISABLE TRIGGER ALL")
    as_superuser.execute("DELETE FROM processing_log_tile")

    assert kept.compare(old.note).verdict == Verdict.NOT_KEPT


def test_page_compares_what_is_pasted_or_uploaded_and_keeps_it_nowhere(seat):
    make_event()
    old = make_checkpoint()
    make_event()
    make_checkpoint()

    pasted = seat.post(reverse("audit:kept"), {"note": old.note}).content.decode()
    file = SimpleUploadedFile("kept", old.note.encode())
    uploaded = seat.post(reverse("audit:kept"), {"file": file}).content.decode()

    for page in (pasted, uploaded):
        assert "only grew since" in page
    assert Event.objects.latest("id").reason == f"kept={old.size} verdict=grown"
    seat.post(reverse("audit:kept"), {"note": "vera@example.org"})
    assert Event.objects.latest("id").reason == "kept=? verdict=no_note"


@pytest.mark.parametrize("posted", [{}, {"note": "  "}, {"note": "x" * 20_000}])
def test_page_says_what_is_missing(seat, posted):
    assert seat.post(reverse("audit:kept"), posted).status_code == 400


def test_page_takes_any_file_for_what_it_is(seat):
    make_event()
    make_checkpoint()
    image = SimpleUploadedFile("kept.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))

    assert "This is not a checkpoint" in seat.post(reverse("audit:kept"), {"file": image}).content.decode()
    large = SimpleUploadedFile("kept", b"x" * 20_000)
    assert seat.post(reverse("audit:kept"), {"file": large}).status_code == 400
