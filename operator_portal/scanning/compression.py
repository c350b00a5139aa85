"""Compressed wrappings: zlib, gzip, bzip2, xz, members of a ZIP, and raw deflate where a value begins."""

import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

STEP: Final = 256 * 1024  # of output at a time
FEED: Final = 1024  # of input at a time: a fault loses no more than this gives
LZMA_MEMORY: Final = 128 * 1024 * 1024
RAW: Final = -zlib.MAX_WBITS
ANY_HEADER: Final = zlib.MAX_WBITS + 32


class Inflating(Protocol):
    """What zlib's, bz2's and lzma's decompressors have in common, brought to one shape."""

    def feed(self, data: bytes) -> bytes: ...

    @property
    def is_done(self) -> bool: ...


class _Zlib:
    def __init__(self, window: int) -> None:
        self._inflating = zlib.decompressobj(window)

    def feed(self, data: bytes) -> bytes:
        return self._inflating.decompress(data or self._inflating.unconsumed_tail, STEP)

    @property
    def is_done(self) -> bool:
        return self._inflating.eof


class _Other:
    def __init__(self, inflating: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inflating = inflating

    def feed(self, data: bytes) -> bytes:
        return self._inflating.decompress(data, STEP)

    @property
    def is_done(self) -> bool:
        return self._inflating.eof


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    name: str
    magic: re.Pattern[bytes]
    begin: Callable[[], Inflating]


KINDS: Final = (
    Kind(name="zlib", magic=re.compile(rb"\x78[\x01\x5e\x9c\xda]"), begin=lambda: _Zlib(ANY_HEADER)),
    Kind(name="gzip", magic=re.compile(rb"\x1f\x8b\x08"), begin=lambda: _Zlib(ANY_HEADER)),
    Kind(name="bzip2", magic=re.compile(rb"BZh[1-9]1AY&SY"), begin=lambda: _Other(bz2.BZ2Decompressor())),
    Kind(
        name="xz",
        magic=re.compile(rb"\xfd7zXZ\x00"),
        begin=lambda: _Other(lzma.LZMADecompressor(memlimit=LZMA_MEMORY)),
    ),
)
DEFLATE: Final = Kind(name="deflate", magic=re.compile(rb""), begin=lambda: _Zlib(RAW))
ZIP_MEMBER: Final = re.compile(rb"PK\x03\x04")
ZIP_HEADER: Final = struct.Struct("<4x2xHH2x2x4x4x4xHH")
DEFLATED: Final = 8
PROBE: Final = 256
BLOCK_TYPES: Final = (1, 2)  # with Huffman codes; a stored block would be seen without inflating


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Something that begins like a compressed stream."""

    kind: Kind
    offset: int


def find_streams(data: bytes, starts: Sequence[int]) -> Iterator[Stream]:
    """`starts`: where a value begins, and so raw deflate, which has no mark of its own, may begin."""
    for kind in KINDS:
        for match in kind.magic.finditer(data):
            yield Stream(kind=kind, offset=match.start())
    for match in ZIP_MEMBER.finditer(data):
        header = data[match.start() : match.start() + ZIP_HEADER.size]
        if len(header) == ZIP_HEADER.size:
            _, method, name, extra = ZIP_HEADER.unpack(header)
            if method == DEFLATED:
                yield Stream(kind=DEFLATE, offset=match.start() + ZIP_HEADER.size + name + extra)
    for start in starts:
        if _may_be_deflated(data[start : start + PROBE]):
            yield Stream(kind=DEFLATE, offset=start)


def _may_be_deflated(data: bytes) -> bool:
    if not data or (data[0] >> 1) & 3 not in BLOCK_TYPES:
        return False
    try:
        zlib.decompressobj(RAW).decompress(data, STEP)
    except zlib.error:
        return False
    return True


def inflated(stream: Stream, data: bytes, more: Iterator[bytes]) -> Iterator[bytes]:
    """The content in steps; `more` goes on where `data` ends. What comes before a fault is given all the same."""
    inflating = stream.kind.begin()
    taken = stream.offset
    feed = b""
    while True:
        try:
            out = inflating.feed(feed)
        except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
            return
        if out:
            yield out
        if inflating.is_done:
            return
        feed = b""
        if len(out) < STEP:
            feed = data[taken : taken + FEED] or next(more, b"")
            taken += len(feed)
            if not feed:
                return
