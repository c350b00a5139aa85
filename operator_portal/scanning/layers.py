"""What comes out when one wrapping is taken off: the bytes inside, and the way back to where they stood."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

SEPARATOR: Final = b"\0\n\0"  # no wrapping reads across it


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    source: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Many unwrapped pieces in one buffer, so that a thousand short ones cost one search."""

    name: str
    data: bytes
    source_offset: Callable[[int], int]  # from a place in data to the place in what was unwrapped
    deflated: Sequence[int] = ()  # where raw deflate, which has no mark of its own, may begin in data
    revealed: bool = False  # an escape of an escape character was undone: there may be further escapes now


def places(starts: Sequence[int], sources: Sequence[int], ratio: float) -> Callable[[int], int]:
    """`ratio`: bytes in the source for one byte of a piece."""

    def source_offset(offset: int) -> int:
        index = max(bisect_right(starts, offset) - 1, 0)
        return sources[index] + int((offset - starts[index]) * ratio)

    return source_offset


def joined(name: str, pieces: Iterable[Piece], *, ratio: float = 0.0) -> Layer:
    sources: list[int] = []
    starts: list[int] = []
    parts: list[bytes] = []
    length = 0
    for piece in pieces:
        sources.append(piece.source)
        starts.append(length)
        parts.append(piece.data)
        length += len(piece.data) + len(SEPARATOR)
    return Layer(name=name, data=SEPARATOR.join(parts), source_offset=places(starts, sources, ratio), deflated=starts)
