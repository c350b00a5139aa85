"""A text on its way to the rules: blocks and sentences that know on which line they stand."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from profiles.wording import CYRILLIC, LATIN

#: What begins a block of its own, also without an empty line before it.
STARTS: Final = re.compile(r"#{1,2}\s|[-•>]\s|\d{1,2}(?:\.\d{1,2})*\.\s")
MARKUP: Final = re.compile(r"^(?:#{1,2}|[-•>])\s+|^\{[a-z]+\}\s+|\*\*")
END_OF_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+(?=[«“\"(]?[A-ZА-ЯЁ])")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    text: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Block:
    """A heading, a clause, an item of a list or a paragraph. `lines` are the offsets at which its lines begin."""

    text: str
    first_line: int
    offsets: tuple[int, ...]

    def line_at(self, offset: int) -> int:
        return self.first_line + bisect_right(self.offsets, offset) - 1

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        found, start = [], 0
        for end in [*(match.end() for match in END_OF_SENTENCE.finditer(self.text)), len(self.text)]:
            found.append(Sentence(text=self.text[start:end].strip(), line=self.line_at(start)))
            start = end
        return tuple(sentence for sentence in found if sentence.text)


@dataclass(frozen=True, kw_only=True)
class Source:
    """`is_master` is a Russian text that counts; the other one is its translation."""

    text: str
    is_master: bool = True

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(_blocks(self.text))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for block in self.blocks for sentence in block.sentences)

    @cached_property
    def is_mostly_cyrillic(self) -> bool:
        return len(CYRILLIC.findall(self.text)) > len(LATIN.findall(self.text))

    def line_of(self, pattern: re.Pattern[str]) -> int:
        """The first line that holds it; 1 where none does."""
        lines = enumerate(self.text.splitlines(), start=1)
        return next((number for number, line in lines if pattern.search(line)), 1)


def _blocks(text: str) -> Iterator[Block]:
    """Without the marks of Markdown: what is read is what is checked."""
    lines: list[str] = []
    first = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if lines and (not line or STARTS.match(line)):
            yield _block(lines, first)
            lines = []
        if line:
            first = first if lines else number
            lines.append(line)
    if lines:
        yield _block(lines, first)


def _block(lines: list[str], first: int) -> Block:
    words = [re.sub(MARKUP, "", re.sub(MARKUP, "", line)) for line in lines]
    offsets, length = [], 0
    for line in words:
        offsets.append(length)
        length += len(line) + 1
    return Block(text=" ".join(words), first_line=first, offsets=tuple(offsets))
