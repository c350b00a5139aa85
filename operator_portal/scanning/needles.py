"""What is looked for, in every spelling that a text takes on its way through a system.

A buffer is folded once (letter case away, in C) and each needle's anchor, a piece of it that folds to one byte string
only, is looked up in that. Only where an anchor stands does the exact but slow pattern run.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Final, Self

MIN_BYTES: Final = 5  # less than this turns up by chance in what is encrypted
MIN_LETTERS_IN_ONE_BYTE_ENCODINGS: Final = 7
MIN_LOCAL_PART: Final = 6
GAP: Final = rb"(?:[ \t+_]|\xc2\xa0|\r?\n){1,8}"  # a space, as forms, headers and folded lines write it


class NeedleTooShort(ValueError):
    """The needle is so short that random bytes contain it."""


def _table(moves: Sequence[tuple[int, int, int]]) -> bytes:
    table = bytearray(range(256))
    for first, last, step in moves:
        for code in range(first, last + 1):
            table[code] = code + step
    return bytes(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folding:
    """Takes the letter case out of Latin and Cyrillic in one pass over the bytes."""

    table: bytes
    dropped: bytes = b""

    def fold(self, data: bytes) -> bytes:
        return data.translate(self.table, self.dropped)


# In UTF-8 the lead bytes D0 and D1 go, so that А (D0 90) and а (D0 B0), Р (D0 A0) and р (D1 80) fall together.
UTF_8: Final = Folding(table=_table([(0x41, 0x5A, 32), (0x90, 0x9F, 32), (0xA0, 0xAF, -32)]), dropped=b"\xd0\xd1")
ONE_BYTE: Final = Folding(table=_table([(0x41, 0x5A, 32), (0xC0, 0xDF, 32)]))
ENCODINGS: Final = (("utf-8", UTF_8), ("cp1251", ONE_BYTE), ("koi8-r", ONE_BYTE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    number: int
    length: int  # in bytes, at least
    folding: Folding
    anchor: bytes
    pattern: re.Pattern[bytes]


class Needles:
    """A set of needles, numbered from 1 in the order given."""

    def __init__(self, spellings: Sequence[Spelling], *, shortest: int, count: int) -> None:
        self._spellings = sorted(spellings, key=lambda spelling: id(spelling.folding))
        self.shortest = shortest
        self.count = count

    @classmethod
    def of(cls, texts: Sequence[str], *, local_parts: bool = False) -> Self:
        """Raises NeedleTooShort. With local_parts an address is found by what stands before its @ too."""
        spelled = [
            (number, variant) for number, text in enumerate(texts, 1) for variant in _variants(text, local_parts)
        ]
        for number, text in spelled:
            if len(text.encode()) < MIN_BYTES:
                raise NeedleTooShort(f"needle {number} is shorter than {MIN_BYTES} bytes; chance would find it")
        spellings = [spelling for number, text in spelled for spelling in _spellings(number, text)]
        shortest = min((spelling.length for spelling in spellings), default=MIN_BYTES)
        return cls(spellings, shortest=shortest, count=len(texts))

    def find(self, data: bytes) -> Iterator[tuple[int, int]]:
        """(number of the needle, offset) of each occurrence that is written in plain bytes."""
        for folding, spellings in self._by_folding:
            folded = folding.fold(data)
            for spelling in spellings:
                if spelling.anchor in folded:
                    for match in spelling.pattern.finditer(data):
                        yield spelling.number, match.start()

    @cached_property
    def _by_folding(self) -> list[tuple[Folding, list[Spelling]]]:
        groups = groupby(self._spellings, key=lambda spelling: id(spelling.folding))
        return [(spellings[0].folding, spellings) for spellings in (list(group) for _, group in groups)]


def _variants(text: str, local_parts: bool) -> Iterator[str]:
    text = unicodedata.normalize("NFC", text.strip())
    yield text
    local, at, domain = text.rpartition("@")
    if at and not domain.isascii():
        yield f"{local}@{domain.encode('idna').decode()}"
    if at and local_parts and len(local.encode()) >= MIN_LOCAL_PART:
        yield local


def _spellings(number: int, text: str) -> Iterator[Spelling]:
    for encoding, folding in ENCODINGS:
        if folding is ONE_BYTE and (text.isascii() or len(text) < MIN_LETTERS_IN_ONE_BYTE_ENCODINGS):
            continue
        forms = [_forms(character, encoding) for character in text]
        if all(forms):
            pattern = re.compile(b"".join(_alternatives(each) for each in forms))
            yield Spelling(
                number=number,
                length=sum(min(map(len, each)) for each in forms),
                folding=folding,
                anchor=_anchor(forms, folding),
                pattern=pattern,
            )


def _forms(character: str, encoding: str) -> list[bytes]:
    """How one character may be written; [] where the encoding has no place for it."""
    if character.isspace():
        return [b" "]
    cases = {character, character.lower(), character.upper(), character.casefold()}
    composed = {unicodedata.normalize(form, case) for case in cases for form in ("NFC", "NFD")}
    encoded = {form.encode(encoding, errors="ignore") for form in composed if _fits(form, encoding)}
    return sorted(encoded, key=lambda form: (-len(form), form))


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _alternatives(forms: list[bytes]) -> bytes:
    if forms == [b" "]:
        return GAP
    return b"(?:" + b"|".join(re.escape(form) for form in forms) + b")"


def _anchor(forms: list[list[bytes]], folding: Folding) -> bytes:
    """The longest run of characters that fold to the same bytes however they are written."""
    pieces = [b""]
    for each in forms:
        folded = {folding.fold(form) for form in each}
        if each == [b" "] or len(folded) > 1:
            pieces.append(b"")
        else:
            pieces[-1] += folded.pop()
    return max(pieces, key=len)
