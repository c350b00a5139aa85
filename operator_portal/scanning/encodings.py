"""Wrappings that turn bytes into a run over a small alphabet (base64, base32, hex), and UTF-16.

Candidates are found on a map of the buffer in which each byte is replaced by its class: there a long run begins with a
literal, and looking for a literal is many times faster than a pattern that begins with a set.
"""

import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from operator_portal.scanning.layers import Layer, Piece, joined, places

LOWER: Final = b"abcdefghijklmnopqrstuvwxyz"
DIGITS: Final = b"0123456789"
SHORTEST_RUN: Final = 8
LINE_BREAKS: Final = b"\r\n \t"
CLASS_OF_BREAK: Final = {ord("\n"): ord("n"), ord("\r"): ord("r"), ord(" "): ord("s"), ord("\t"): ord("s")}
NEXT_LINES: Final = rb"(?:r?ns{0,2}a+)*"  # mail and PEM break base64 into lines


class Alphabet:
    def __init__(self, members: bytes) -> None:
        classes = {**CLASS_OF_BREAK, **dict.fromkeys(members, ord("a"))}
        self._classes = bytes(classes.get(code, ord(".")) for code in range(256))

    def spans(self, data: bytes, length: int, *, over_lines: bool = False) -> list[tuple[int, int]]:
        """(start, end) of each run of at least `length` members."""
        run = re.compile(b"a" * length + b"a*" + (NEXT_LINES if over_lines else b""))
        return [match.span() for match in run.finditer(data.translate(self._classes))]


BASE64: Final = Alphabet(LOWER + LOWER.upper() + DIGITS + b"+/-_")
HEX: Final = Alphabet(DIGITS + b"abcdefABCDEF")
BASE32: Final = tuple(
    (Alphabet(letters + b"234567"), bytes.maketrans(letters + b"234567", DIGITS + LOWER[:22]))
    for letters in (LOWER, LOWER.upper())
)
STANDARD: Final = bytes.maketrans(b"-_", b"+/")
PADDING: Final = (b"AAAA", b"AAAAAAA", b"AAAAAA", b"AAAAA")  # to whole quads, and one quad more between the runs
SHORTEST_PACKED: Final = 20


@dataclass(frozen=True, kw_only=True)
class Runs:
    """The parts of a buffer that may be base64, and so those that may be base32 or hex, without their line breaks."""

    texts: Sequence[bytes]
    sources: Sequence[int]

    @cached_property
    def all(self) -> bytes:
        return b".".join(self.texts)

    @cached_property
    def source_offset(self) -> Callable[[int], int]:
        """From a place in `all`."""
        return places(list(accumulate((len(text) + 1 for text in self.texts), initial=0)), self.sources, 1)


def find_runs(data: bytes, shortest: int) -> Runs:
    spans = BASE64.spans(data, max(SHORTEST_RUN, shortest * 4 // 3), over_lines=True)
    return Runs(
        texts=[data[start:end].translate(None, LINE_BREAKS) for start, end in spans],
        sources=[start for start, _ in spans],
    )


def base64_layers(runs: Runs) -> Iterator[Layer]:
    """Four layers, for the four places within a quad at which the wrapped text may begin."""
    if not runs.texts:
        return
    padded = [text + PADDING[len(text) % 4] for text in runs.texts]
    quads = b"".join(padded).translate(STANDARD)
    starts = list(accumulate((len(text) // 4 * 3 for text in padded), initial=0))
    source_offset = places(starts, runs.sources, 4 / 3)
    deflated = [start for start, text in zip(starts, runs.texts, strict=False) if _looks_packed(text)]
    for shift in range(4):
        yield Layer(
            name="base64",
            data=binascii.a2b_base64(quads[shift:] + b"A" * shift),
            source_offset=source_offset,
            deflated=[] if shift else deflated,
        )


def _looks_packed(text: bytes) -> bool:
    """A word or a name in small letters is no compressed value."""
    return len(text) >= SHORTEST_PACKED and not text.islower()


def hex_layers(runs: Runs, shortest: int) -> Iterator[Layer]:
    spans = HEX.spans(runs.all, shortest * 2)
    if not spans:
        return
    padded = [runs.all[start:end] + b"0" * ((end - start) % 2 + 2) for start, end in spans]
    digits = b"".join(padded)
    starts = list(accumulate((len(text) // 2 for text in padded), initial=0))
    source_offset = places(starts, [runs.source_offset(start) for start, _ in spans], 2)
    for shift in range(2):
        yield Layer(
            name="hex",
            data=binascii.a2b_hex(digits[shift:] + b"0" * shift),
            source_offset=source_offset,
            deflated=[] if shift else starts[:-1],
        )


def base32_layers(runs: Runs, shortest: int) -> Iterator[Layer]:
    for alphabet, digits in BASE32:
        spans = alphabet.spans(runs.all, max(SHORTEST_RUN, shortest * 8 // 5))
        numbers = [(span, int(runs.all[slice(*span)].translate(digits), 32)) for span in spans]
        for shift in range(8) if numbers else ():
            pieces = (
                Piece(source=runs.source_offset(start), data=_shifted(number, shift, bits=(end - start) * 5))
                for (start, end), number in numbers
            )
            yield joined("base32", pieces, ratio=8 / 5)


def _shifted(number: int, shift: int, *, bits: int) -> bytes:
    return (number >> shift).to_bytes((bits - shift + 7) // 8)


HIGH_BYTES: Final = b"\x00\x03\x04"  # Latin, combining marks, Cyrillic
PAIRS: Final = bytes(ord("h") if code in HIGH_BYTES else ord("l") for code in range(256))


def utf16_layers(data: bytes, shortest: int) -> Iterator[Layer]:
    run = re.compile(b"lh" * max(4, shortest // 2) + b"(?:lh)*")
    spans = [match.span() for match in run.finditer(data.translate(PAIRS))]
    if spans:
        little = (Piece(source=start, data=_as_utf8(data[start:end], "utf-16-le")) for start, end in spans)
        yield joined("utf-16", little)
        # The same bytes read one place earlier are a big-endian text.
        earlier = [(start - 1, end + 1) for start, end in spans if start]
        big = (Piece(source=start, data=_as_utf8(data[start:end], "utf-16-be")) for start, end in earlier)
        yield joined("utf-16", big)


def _as_utf8(data: bytes, encoding: str) -> bytes:
    return data.decode(encoding, errors="replace").encode(errors="replace")
