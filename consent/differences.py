"""What differs between two versions of a text, clause by clause and word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, Literal

from profiles.documents import ConsentDocument, PolicyText

WORD: Final = re.compile(r"\S+\s*")
#: Two wordings with so many pairs of words are shown one after the other: nobody would read them word by word.
MOST_PAIRS_OF_WORDS: Final = 2_000_000
MOST_PAIRS_OF_CLAUSES: Final = 10_000
#: The share of common words from which one clause is another wording of the other.
ALIKE: Final = 0.35


@dataclass(frozen=True, kw_only=True)
class Piece:
    kind: Literal["same", "del", "ins"]
    text: str


@dataclass(frozen=True, kw_only=True)
class ClauseDifference:
    """`mark` is the number in the newer version, `old_mark` in the older; empty where the clause is not there."""

    kind: Literal["added", "removed", "changed", "renumbered"]
    mark: str
    old_mark: str
    pieces: tuple[Piece, ...] = ()

    @property
    def shown_mark(self) -> str:
        return self.mark or self.old_mark

    @property
    def is_renumbered(self) -> bool:
        return bool(self.mark and self.old_mark and self.mark != self.old_mark)


@dataclass(frozen=True, kw_only=True)
class Difference:
    clauses: tuple[ClauseDifference, ...]
    same: int

    def count(self, kind: str) -> int:
        return sum(clause.kind == kind for clause in self.clauses)

    @property
    def added(self) -> int:
        return self.count("added")

    @property
    def removed(self) -> int:
        return self.count("removed")

    @property
    def changed(self) -> int:
        return self.count("changed")

    @property
    def marks(self) -> list[str]:
        return [clause.shown_mark for clause in self.clauses if clause.kind != "renumbered"]


@dataclass(frozen=True, kw_only=True)
class _Unit:
    mark: str
    text: str


@lru_cache(maxsize=64)
def between(before: PolicyText | ConsentDocument, after: PolicyText | ConsentDocument) -> Difference:
    """Published texts never change, so what differs between two of them is found once."""
    old, new = list(_units(before)), list(_units(after))
    matcher = SequenceMatcher(None, [unit.text for unit in old], [unit.text for unit in new], autojunk=False)
    clauses: list[ClauseDifference] = []
    same = 0
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            same += i2 - i1
            clauses += _renumbered(old[i1:i2], new[j1:j2])
        else:
            clauses += _differing(old[i1:i2], new[j1:j2])
    return Difference(clauses=tuple(clauses), same=same)


def _units(document: PolicyText | ConsentDocument) -> Iterator[_Unit]:
    yield _Unit(mark="", text=document.title)
    if isinstance(document, ConsentDocument):
        for part in document.sections:
            yield _Unit(mark=part.heading, text="\n".join(each.canonical() for each in part.parts))
        return
    for section in document.sections:
        yield _Unit(mark=section.number, text=section.heading)
        for clause in section.clauses:
            yield _Unit(mark=clause.number, text="\n".join(part.canonical() for part in clause.parts))


def _renumbered(old: Sequence[_Unit], new: Sequence[_Unit]) -> Iterator[ClauseDifference]:
    for before, after in zip(old, new, strict=True):
        if before.mark != after.mark:
            yield ClauseDifference(kind="renumbered", mark=after.mark, old_mark=before.mark)


def _differing(old: Sequence[_Unit], new: Sequence[_Unit]) -> Iterator[ClauseDifference]:
    pairs = _pairs(old, new)
    for place, unit in enumerate(old):
        if place not in pairs:
            piece = Piece(kind="del", text=unit.text)
            yield ClauseDifference(kind="removed", mark="", old_mark=unit.mark, pieces=(piece,))
    partners = {after: before for before, after in pairs.items()}
    for place, unit in enumerate(new):
        if place in partners:
            before = old[partners[place]]
            pieces = tuple(words_between(before.text, unit.text))
            yield ClauseDifference(kind="changed", mark=unit.mark, old_mark=before.mark, pieces=pieces)
        else:
            piece = Piece(kind="ins", text=unit.text)
            yield ClauseDifference(kind="added", mark=unit.mark, old_mark="", pieces=(piece,))


def _pairs(old: Sequence[_Unit], new: Sequence[_Unit]) -> dict[int, int]:
    """Which clause became which: first by how alike the words are, then by the number."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    if len(old) * len(new) <= MOST_PAIRS_OF_CLAUSES:
        words_of_old, words_of_new = [_words(unit) for unit in old], [_words(unit) for unit in new]
        likeness = [(_alike(a, b), i, j) for i, a in enumerate(words_of_old) for j, b in enumerate(words_of_new)]
        for share, i, j in sorted(likeness, key=lambda found: (-found[0], found[1], found[2])):
            if share >= ALIKE and i not in pairs and j not in taken:
                pairs[i] = j
                taken.add(j)
    by_mark = {unit.mark: j for j, unit in enumerate(new) if j not in taken}
    for i, unit in enumerate(old):
        if i not in pairs and unit.mark in by_mark:
            pairs[i] = by_mark.pop(unit.mark)
    return pairs


def _words(unit: _Unit) -> frozenset[str]:
    return frozenset(unit.text.lower().split())


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / (len(a | b) or 1)


def words_between(before: str, after: str) -> Iterator[Piece]:
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) * len(new) > MOST_PAIRS_OF_WORDS:
        yield Piece(kind="del", text=before)
        yield Piece(kind="ins", text=after)
        return
    matcher = SequenceMatcher(None, [word.rstrip() for word in old], [word.rstrip() for word in new])
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(kind="same", text="".join(new[j1:j2]))
            continue
        if i1 < i2:
            yield Piece(kind="del", text="".join(old[i1:i2]))
        if j1 < j2:
            yield Piece(kind="ins", text="".join(new[j1:j2]))
