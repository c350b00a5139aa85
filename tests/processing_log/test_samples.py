"""Samples on the auditor's desk, which anybody can draw again."""

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
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from law import clock
from processing_log import finding, packages, sampling, verify_log
from processing_log.filters import LogFilter
from processing_log.models import Checkpoint, Event, Leaf
from processing_log.scopes import TooMuch
from tests.factories.log_tree import make_checkpoint
from tests.factories.processing_log import make_event

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.fixture
def restored(as_superuser):
    """Into another cluster: the place of the sequencer says nothing yet."""

    def restore() -> None:
        as_superuser.execute("UPDATE processing_log_treestate SET cluster = 12345, after_transaction = '9999999'")

    return restore


@pytest.mark.parametrize(("at_hand", "is_restored"), [(6, False), (8, False), (9, False), (12, False), (9, True)])
def test_sample_counts_what_is_below_the_checkpoint_whatever_came_since(
    limited, monkeypatch, restored, at_hand, is_restored
):
    monkeypatch.setattr(sampling, "FEW", 8)
    monkeypatch.setattr(sampling, "ENOUGH", 11)
    for _ in range(at_hand):
        make_event(operation="use")
    checkpoint = make_checkpoint()
    for _ in range(2):
        make_event(operation="use")
    make_checkpoint()
    make_event(operation="use")
    if is_restored:
        restored()

    drawn = sampling.draw(LogFilter(within=limited(operations=("use",))), checkpoint, number=8, word="")

    assert drawn.population == (at_hand if at_hand <= 8 else None)
    assert len(drawn.drawn) == min(at_hand, 8)


@pytest.mark.parametrize("rare", [0, 20_000])
def test_sample_by_category_is_that_of_the_book(limited, monkeypatch, rare):
    monkeypatch.setattr(finding, "RARE", rare)
    for number in range(20):
        make_event(categories=("moon",) if number % 2 else ("name",))
    checkpoint = make_checkpoint()
    make_event(categories=("moon",))
    make_checkpoint()

    drawn = sampling.draw(LogFilter(category="moon", within=limited()), checkpoint, number=5, word="otter")

    events = Event.objects.filter(categories__contains=["moon"]).values_list("pk", flat=True)
    leaves = Leaf.objects.filter(event_id__in=list(events), index__lt=checkpoint.size)
    expected = by_the_book(checkpoint, "otter", list(leaves.values_list("index", flat=True)))
    assert [each.index for each in drawn.drawn] == expected[:5]
    assert drawn.population == 10


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
