"""An export of the log in memory, edited a byte at a time, and the verifier that goes on where the edit is."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest

from processing_log import verify_log
from processing_log.verify_log import Entries, Export, Hashes, Tree, Wrong

WALKED: Final = ("entries.jsonl", "leaf_hashes", "proof")
PUT_IN: Final = (0x00, 0x0A, 0x20, 0x30)


class Held(Export):
    """The files of an export, by name."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.path, self.zip, self.files = Path("held"), None, files
        self.names, self.readers = sorted(files), {}

    def open(self, name: str) -> BytesIO:
        return BytesIO(self.files[name])

    def read_through(self, name: str, stack: Any) -> Any:
        return self.open(name)


@dataclass(frozen=True, kw_only=True)
class State:
    """The walk before one of its steps, and how much of each file it has read until there."""

    walk: Entries
    tree: list[tuple[int, bytes]]
    read: dict[str, int]


class Recorded(Entries):
    """A walk that remembers each of its steps."""

    states: list[State]

    def batch(self) -> bool:
        self._remember()
        return super().batch()

    def between(self) -> None:
        self._remember()
        super().between()

    def _remember(self) -> None:
        files = (self.lines, self.hashes.file, self.blocks)
        read = {name: file.tell() for name, file in zip(WALKED, files, strict=True)}
        self.states.append(State(walk=copy(self), tree=list(self.of_hashes.parts), read=read))


class Resumed(Entries):
    """The walk through an edited export, from the last step that had read nothing of the edit."""

    begins: State

    def __init__(self, export: Held, *_: Any) -> None:
        vars(self).update(vars(self.begins.walk))
        self.export, self.found, self.announced = export, [], {}
        self.of_hashes = self.of_entries = Tree(list(self.begins.tree))
        self.lines, hashes, self.blocks = (self._rest(export, name) for name in WALKED)  # type: ignore[assignment]
        self.hashes = Hashes(hashes)

    def _rest(self, export: Held, name: str) -> BytesIO:
        file = export.open(name)
        file.seek(self.begins.read[name])
        return file

    def walk(self) -> None:
        self.go_on()


class Searcher:
    """Asks first whichever check of the verifier reads the edited file; only an edit that this one lets pass is shown
    to the whole of it. A walk begins where the edit is and ends with the first complaint."""

    def __init__(self, files: dict[str, bytes], whole: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files, self.whole, self.monkeypatch = files, whole, monkeypatch
        self.keys = verify_log.read_keys(files["keys"])
        self.checkpoint = verify_log.read_checkpoint("checkpoint", files["checkpoint"], self.keys)
        monkeypatch.setattr(verify_log, "TOLD_AT_MOST", 1)
        monkeypatch.setattr(verify_log, "BATCH_LEVEL", 0)
        self.states: list[State] = []
        Recorded.states = self.states
        recorded = Recorded(Held(files), self.checkpoint.size, 0, ExitStack())
        recorded.walk()
        assert recorded.found == []
        self.places = recorded.where_each_belongs()

    def lets_pass(self, name: str, at: int, edited: bytes) -> bool:
        try:
            self._ask(name, at, Held(self.files | {name: edited}))
        except Wrong:
            return False
        return bool(self.whole(self.files | {name: edited}) == 0)

    def _ask(self, name: str, at: int, export: Held) -> None:
        match name:
            case "checkpoint":
                verify_log.read_checkpoint(name, export.read(name), self.keys)
            case "keys":
                verify_log.read_checkpoint(
                    "checkpoint", export.read("checkpoint"), verify_log.read_keys(export.read(name))
                )
            case "consistency":
                verify_log.check_growth(export.read(name), self.checkpoint, self.keys)
            case "entries.jsonl" | "leaf_hashes" | "proof":
                self._walk(name, at, export)
            case _:
                export.check_digests()

    def _walk(self, name: str, at: int, export: Held) -> None:
        before = bisect_right(self.states, at, key=lambda state: state.read[name]) - 1
        if before < 0:  # the head of the proof: nothing was read before
            verify_log.check_entries(export, self.checkpoint, 0, ExitStack())
            return
        Resumed.begins = self.states[before]
        Resumed.begins.walk.places = {} if name == "leaf_hashes" else self.places
        with self.monkeypatch.context() as patched:
            patched.setattr(verify_log, "Entries", Resumed)
            if name == "proof":  # only the root tells: on to the end of the log, by large steps
                patched.setattr(verify_log, "BATCH_LEVEL", 10)
            verify_log.check_entries(export, self.checkpoint, 0, ExitStack())


def edits(content: bytes, places: Iterable[int], *, every_value: bool) -> Iterator[tuple[int, bytes]]:
    """(place, content with one byte less, another, or one more). `every_value`: all 255 others and all 256 more;
    otherwise each of the eight bits turned, and the byte itself, NUL, line feed, space or a zero put before it."""
    for at in places:
        yield at, content[:at] + content[at + 1 :]
        others = range(256) if every_value else [content[at] ^ 1 << bit for bit in range(8)]
        for other in others:
            if other != content[at]:
                yield at, content[:at] + bytes([other]) + content[at + 1 :]
        for more in range(256) if every_value else {*PUT_IN, content[at]}:
            yield at, content[:at] + bytes([more]) + content[at:]
