"""An export of the log in memory, and the verifier's walk through it, which can go on where an edit is."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from processing_log import verify_log
from processing_log.verify_log import Checkpoint, Entries, Export, Hashes, Tree, Wrong

WALKED: Final = ("entries.jsonl", "leaf_hashes", "proof")


class Held(Export):
    """The files of an export, by name."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.path, self.zip, self.files = Path("held"), None, files
        self.names, self.readers = sorted(files), {}

    def open(self, name: str) -> BytesIO:
        return BytesIO(self.files[name])


class Told(Held):
    """Its files tell how much of them was read."""

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
    known: dict[tuple[int, int, int], tuple[bytes, State]]

    def __init__(self, export: Told, *_: Any) -> None:
        vars(self).update(vars(self.begins.walk))
        self.export, self.found, self.announced = export, [], {}
        self.of_hashes = self.of_entries = Tree(list(self.begins.tree))
        self.lines, hashes, self.blocks = (self._rest(export, name) for name in WALKED)  # type: ignore[assignment]
        self.hashes = Hashes(hashes)

    def _rest(self, export: Told, name: str) -> BytesIO:
        file = export.open(name)
        file.seek(self.begins.read[name])
        return file

    def walk(self) -> None:
        self.go_on()

    def batch(self) -> bool:
        """Where neither entries nor hashes are edited and these were walked through before, what came of it then."""
        if not (known := self.known.get((self.place, self.gap, self.number))):
            return super().batch()
        root, after = known
        self.of_hashes.append((after.walk.place - self.place).bit_length() - 1, root)
        self.place, self.number, self.line = after.walk.place, after.walk.number, after.walk.line
        self.entry = after.walk.entry
        self.lines.seek(after.read["entries.jsonl"])  # type: ignore[attr-defined]
        self.hashes.file.seek(after.read["leaf_hashes"])
        return True


class Walker:
    """A walk begins where the edit is and ends with the first complaint."""

    def __init__(self, files: dict[str, bytes], checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files, self.checkpoint, self.monkeypatch = files, checkpoint, monkeypatch
        self.known = dict(self._known(self._record()))
        with monkeypatch.context() as patched:
            patched.setattr(verify_log, "BATCH_LEVEL", 0)
            self.states = self._record()

    def _record(self) -> list[State]:
        states: list[State] = []
        Recorded.states = states
        recorded = Recorded(Told(self.files), self.checkpoint.size, 0, ExitStack())
        recorded.walk()
        assert recorded.found == []
        self.places = recorded.where_each_belongs()
        return states

    def _known(self, states: list[State]) -> Iterator[tuple[tuple[int, int, int], tuple[bytes, State]]]:
        for before, after in pairwise(states):
            walk = before.walk
            if walk.number < after.walk.number:
                given = self.files["leaf_hashes"][32 * walk.number : 32 * after.walk.number]
                hashes = [given[at : at + 32] for at in range(0, len(given), 32)]
                yield (walk.place, walk.gap, walk.number), (verify_log.root_of(hashes), after)

    def lets_pass(self, name: str, at: int, edited: bytes) -> bool:
        export, last = Told(self.files | {name: edited}), len(self.files[name]) - 1  # who is at the end has seen it
        before = bisect_right(self.states, min(at, last), key=lambda state: state.read[name]) - 1
        with self.monkeypatch.context() as patched:
            patched.setattr(verify_log, "TOLD_AT_MOST", 1)
            if before >= 0:  # otherwise it is in the head of the proof, and nothing was read before
                Resumed.begins, Resumed.known = self.states[before], self.known if name == "proof" else {}
                Resumed.begins.walk.places = {} if name == "leaf_hashes" else self.places
                patched.setattr(verify_log, "Entries", Resumed)
            if name != "proof":  # there only the root tells: on to the end of the log, by large steps
                patched.setattr(verify_log, "BATCH_LEVEL", 0)
            return passes(lambda: verify_log.check_entries(export, self.checkpoint, 0, ExitStack()))


def passes(check: Callable[[], object]) -> bool:
    try:
        check()
    except Wrong:
        return False
    return True
