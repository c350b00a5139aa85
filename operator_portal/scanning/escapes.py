"""Escapes: single characters of a readable text written another way, the rest left as it was."""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate
from typing import Final, TypeAlias

from operator_portal.scanning.layers import SEPARATOR, Layer, places

CONTEXT: Final = 512  # on both sides of an escape: a base64 text with a few of them stays in one piece
NEIGHBOURS: Final = 8
READABLE: Final = bytes(range(0x20, 0x7F)) + b"\t\r\n"
NO_ESCAPE: Final = -1

Match: TypeAlias = re.Match[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    name: str
    sign: re.Pattern[bytes]  # begins with a literal byte: where there is none, looking costs next to nothing
    pattern: re.Pattern[bytes]
    decode: Callable[[Match], bytes]
    reveals: re.Pattern[bytes]  # escapes that stand for a character with which escapes begin


SIMPLE: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
UNIT: Final = re.compile(rb"u([0-9a-fA-F]{4})")


def _from_backslash(match: Match) -> bytes:
    units, code_point, byte, octal, simple = match.groups()
    if units:  # surrogates come in pairs, so a run is decoded at once
        codes = b"".join(int(digits, 16).to_bytes(2) for digits in UNIT.findall(units))
        return codes.decode("utf-16-be", errors="replace").encode(errors="replace")
    if code_point:
        return chr(min(int(code_point, 16), 0x10FFFF)).encode(errors="replace")
    if byte:
        return bytes([int(byte, 16)])
    if octal:
        return bytes([int(octal, 8)])
    return SIMPLE.get(simple, simple) if _is_readable_around(match) else match.group()


def _is_readable_around(match: Match) -> bool:
    """In binary data a backslash and a letter say nothing."""
    around = match.string[max(match.start() - NEIGHBOURS, 0) : match.end() + NEIGHBOURS]
    return not around.translate(None, READABLE)


@lru_cache(maxsize=4096)
def _entity(text: bytes) -> bytes:
    return html.unescape(text.decode()).encode(errors="replace")


def _from_hex_digits(match: Match) -> bytes:
    return bytes.fromhex(match[1].decode()) if match[1] else b""


BACKSLASH: Final = (
    rb"(?:(u[0-9a-fA-F]{4}(?:\\+u[0-9a-fA-F]{4})*)|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|([nrt/\"']))"
)
URL: Final = re.compile(rb"%([0-9a-fA-F]{2})")
QUOTED_PRINTABLE: Final = re.compile(rb"=(?:([0-9a-fA-F]{2})|[ \t]*\r?\n)")
ENTITY: Final = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
ESCAPES: Final = (
    Escape(
        name="backslash",
        sign=re.compile(rb"\\" + BACKSLASH),
        pattern=re.compile(rb"\\+" + BACKSLASH),  # JSON inside JSON doubles its backslashes
        decode=_from_backslash,
        reveals=re.compile(rb"\\(?:(?:u00|x)(?:2[56]|3[dD]|5[cC])|045|046|075|134)"),
    ),
    Escape(name="url", sign=URL, pattern=URL, decode=_from_hex_digits, reveals=re.compile(rb"%(?:2[56]|3[dD]|5[cC])")),
    Escape(
        name="quoted-printable",
        sign=QUOTED_PRINTABLE,
        pattern=QUOTED_PRINTABLE,
        decode=_from_hex_digits,
        reveals=re.compile(rb"=(?:2[56]|3[dD]|5[cC]|[ \t]*\r?\n)"),  # a soft line break may stand within an escape
    ),
    Escape(
        name="html",
        sign=ENTITY,
        pattern=ENTITY,
        decode=lambda match: _entity(match.group()),
        reveals=re.compile(rb"&(?:amp|percnt|equals|bsol|#(?:37|38|61|92)|#[xX](?:2[56]|3[dD]|5[cC]));"),
    ),
)


def escape_layers(data: bytes, *, last: int, revealed: bool) -> Iterator[tuple[int, Layer]]:
    """Each kind in its turn: those after `last` in the order above, or all when an escaped escape came to light."""
    for index, escape in enumerate(ESCAPES):
        if index > last or revealed:
            layer = _unescaped(data, escape)
            if layer is not None:
                yield index, layer


def _unescaped(data: bytes, escape: Escape) -> Layer | None:
    regions = _regions(data, escape)
    if not regions:
        return None
    sources = [data[start:end] for start, end in regions]
    decoded = [escape.pattern.sub(escape.decode, source) + SEPARATOR for source in sources]
    starts = list(accumulate(map(len, decoded), initial=0))
    return Layer(
        name=escape.name,
        data=b"".join(decoded),
        source_offset=partial(_source_offset, data, escape, starts, regions),
        revealed=escape.reveals.search(data) is not None,
    )


def _regions(data: bytes, escape: Escape) -> list[tuple[int, int]]:
    """Each escape with its surroundings, those that touch as one."""
    regions: list[tuple[int, int]] = []
    for match in escape.sign.finditer(data):
        start, end = max(match.start() - CONTEXT, 0), match.end() + CONTEXT
        if regions and start <= regions[-1][1]:
            start, _ = regions.pop()
        regions.append((start, end))
    return regions


def _source_offset(data: bytes, escape: Escape, starts: list[int], regions: list[tuple[int, int]], offset: int) -> int:
    """Exact; worked out only for what is found."""
    index = max(bisect_right(starts, offset) - 1, 0)
    start, end = regions[index]
    pieces, sources = [0], [0]
    for match in escape.pattern.finditer(data[start:end]):
        before = pieces[-1] + match.start() - sources[-1]
        pieces += [before, before + len(escape.decode(match))]
        sources += [match.start(), match.end()]
    return start + places(pieces, sources, 1)(offset - starts[index])
