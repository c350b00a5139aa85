"""Needles in a buffer: each wrapping that occurs in it is taken off, and what is inside is searched again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from operator_portal.scanning.compression import Stream, find_streams, inflated
from operator_portal.scanning.encodings import base32_layers, base64_layers, find_runs, hex_layers, utf16_layers
from operator_portal.scanning.escapes import NO_ESCAPE, escape_layers
from operator_portal.scanning.layers import Layer, Piece, joined
from operator_portal.scanning.lzf import lzf_layers
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.windows import in_windows

DEPTH: Final = 6
ALLOWED_BYTES: Final = 64 * 1024 * 1024
ALLOWED_GROWTH: Final = 128  # times the size of the buffer; a compressed bomb ends here
INFLATED_WINDOW: Final = 1024 * 1024
INFLATED_OVERLAP: Final = 64 * 1024
NEAR: Final = 6  # bytes: two ways to the same place come out that close, two occurrences do not


@dataclass(frozen=True, slots=True)
class Hit:
    needle: int
    offset: int
    chain: tuple[str, ...] = ()  # the wrappings taken off, outermost first


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    hits: list[Hit]
    is_cut: bool  # there was more inside than is allowed


def nothing_more() -> Iterator[bytes]:
    return iter(())


def search(
    data: bytes,
    needles: Needles,
    *,
    depth: int = DEPTH,
    starts: Sequence[int] = (0,),
    more: Callable[[], Iterator[bytes]] = nothing_more,
    is_broker_dump: bool = False,
) -> Found:
    """`starts`: where values begin in data. `more`: what follows it, for a compressed stream that goes on there."""
    searching = _Search(needles, allowed=ALLOWED_BYTES + ALLOWED_GROWTH * len(data), is_broker_dump=is_broker_dump)
    hits = searching.through(data, depth=depth, starts=starts, more=more)
    return Found(hits=hits, is_cut=searching.is_cut)


class _Search:
    def __init__(self, needles: Needles, *, allowed: int, is_broker_dump: bool) -> None:
        self._needles = needles
        self._allowed = allowed
        self._is_broker_dump = is_broker_dump
        self.is_cut = False

    def through(
        self,
        data: bytes,
        *,
        depth: int,
        starts: Sequence[int],
        more: Callable[[], Iterator[bytes]] = nothing_more,
        last: int = NO_ESCAPE,
        revealed: bool = False,
    ) -> list[Hit]:
        hits = [Hit(number, offset) for number, offset in self._needles.find(data)]
        if depth and len(data) >= self._needles.shortest:
            for layer in self._packed(data, starts, more):
                hits += _seen_from_outside(layer, self._inside(layer, depth=depth - 1))
            for index, layer in escape_layers(data, last=last, revealed=revealed):
                inside = self._inside(layer, depth=depth - 1, last=index, revealed=layer.revealed)
                hits += _seen_from_outside(layer, inside)
        return _without_repeats(hits)

    def _inside(self, layer: Layer, *, depth: int, last: int = NO_ESCAPE, revealed: bool = False) -> list[Hit]:
        self._allowed -= len(layer.data)
        if self._allowed < 0:
            self.is_cut = True
            return []
        return self.through(layer.data, depth=depth, starts=layer.deflated, last=last, revealed=revealed)

    def _packed(self, data: bytes, starts: Sequence[int], more: Callable[[], Iterator[bytes]]) -> Iterator[Layer]:
        shortest = self._needles.shortest
        runs = find_runs(data, shortest)
        yield from base64_layers(runs)
        yield from hex_layers(runs, shortest)
        yield from base32_layers(runs, shortest)
        yield from utf16_layers(data, shortest)
        yield from self._inflated(data, starts, more)
        if self._is_broker_dump:
            yield from lzf_layers(data)

    def _inflated(self, data: bytes, starts: Sequence[int], more: Callable[[], Iterator[bytes]]) -> Iterator[Layer]:
        """Short contents gathered into one layer, long ones window by window."""
        short: dict[str, list[Piece]] = {}
        for stream in find_streams(data, starts):
            for window in self._windows(stream, data, more):
                if len(window) < INFLATED_WINDOW:
                    short.setdefault(stream.kind.name, []).append(Piece(source=stream.offset, data=window))
                else:
                    yield joined(stream.kind.name, [Piece(source=stream.offset, data=window)])
        for name, pieces in short.items():
            yield joined(name, pieces)

    def _windows(self, stream: Stream, data: bytes, more: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        steps = inflated(stream, data, more())
        for _, window in in_windows(steps, size=INFLATED_WINDOW, overlap=INFLATED_OVERLAP):
            if self.is_cut:
                return
            if len(window) >= self._needles.shortest:
                yield window


def _seen_from_outside(layer: Layer, inside: Iterable[Hit]) -> Iterator[Hit]:
    for hit in inside:
        yield Hit(hit.needle, layer.source_offset(hit.offset), (layer.name, *hit.chain))


def _without_repeats(hits: Iterable[Hit]) -> list[Hit]:
    """Of several ways through wrappings to one place, the shortest."""
    kept: list[Hit] = []
    near: dict[tuple[int, int], list[Hit]] = {}
    for hit in sorted(hits, key=lambda hit: len(hit.chain)):
        place = hit.offset // NEAR
        around = (known for beside in (-1, 0, 1) for known in near.get((hit.needle, place + beside), ()))
        if not any(_is_same(known, hit) for known in around):
            kept.append(hit)
            near.setdefault((hit.needle, place), []).append(hit)
    return kept


def _is_same(known: Hit, other: Hit) -> bool:
    near = NEAR if known.chain else 0
    return abs(known.offset - other.offset) <= near and _is_within(known.chain, other.chain)


def _is_within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    rest = iter(long)
    return all(name in rest for name in short)
