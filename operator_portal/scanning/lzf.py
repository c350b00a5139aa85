"""LZF, in which Redis and Valkey write strings of more than twenty bytes into their dumps."""

import re
from collections.abc import Iterator
from typing import Final

from operator_portal.scanning.layers import Layer, Piece, joined

DUMP_MAGIC: Final = (b"REDIS", b"VALKEY")
MARK: Final = re.compile(rb"\xc3")
LONGEST: Final = 16 * 1024 * 1024
BIG_LENGTH: Final = 0x80


class NotLzf(ValueError):
    """The bytes only looked like it."""


def lzf_layers(data: bytes) -> Iterator[Layer]:
    yield joined("lzf", _strings(data))


def _strings(data: bytes) -> Iterator[Piece]:
    for match in MARK.finditer(data):
        try:
            packed, start = _length(data, match.end())
            unpacked, start = _length(data, start)
            if packed < unpacked <= LONGEST and start + packed <= len(data):
                yield Piece(source=match.start(), data=decompress(data[start : start + packed], unpacked))
        except (NotLzf, IndexError):
            continue


def _length(data: bytes, start: int) -> tuple[int, int]:
    """A length as dumps write it, and where it ends."""
    first = data[start]
    if first < 0x40:
        return first, start + 1
    if first < BIG_LENGTH:
        return (first & 0x3F) << 8 | data[start + 1], start + 2
    if first == BIG_LENGTH:
        return int.from_bytes(data[start + 1 : start + 5]), start + 5
    raise NotLzf


def decompress(packed: bytes, unpacked: int) -> bytes:
    out = bytearray()
    at = 0
    while at < len(packed):
        control = packed[at]
        at += 1
        if control < 0x20:
            out += packed[at : at + control + 1]
            at += control + 1
            continue
        length = control >> 5
        if length == 7:
            length += packed[at]
            at += 1
        back = (control & 0x1F) << 8 | packed[at]
        at += 1
        _copy(out, len(out) - back - 1, length + 2)
        if len(out) > unpacked:
            raise NotLzf
    if len(out) != unpacked:
        raise NotLzf
    return bytes(out)


def _copy(out: bytearray, start: int, length: int) -> None:
    """From what is there already, which may be growing while it is copied."""
    if start < 0:
        raise NotLzf
    for index in range(start, start + length):
        out.append(out[index])
