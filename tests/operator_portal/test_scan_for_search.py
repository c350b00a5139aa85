"""What scan_for takes off before it looks."""

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import random
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, quote_plus

import pytest

from operator_portal.scanning.lzf import decompress
from operator_portal.scanning.needles import Needles, NeedleTooShort
from operator_portal.scanning.search import Found, Hit, search

ADDRESS: Final = "canary.person@example.org"
NAME: Final = "Канарейкин Йозефёв"
NEEDLES: Final = Needles.of([ADDRESS, NAME])

Wrap = Callable[[bytes], bytes]


def deflate(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


def zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/report.csv", data)
    return made.getvalue()


def by_code(form: str) -> Wrap:
    return lambda data: "".join(form.format(code) for code in data).encode()


def by_character(form: str) -> Wrap:
    return lambda data: "".join(form.format(ord(character)) for character in data.decode()).encode()


def as_text(change: Callable[[str], str]) -> Wrap:
    return lambda data: change(data.decode()).encode()


def encoded(encoding: str) -> Wrap:
    return lambda data: data.decode().encode(encoding)


# Each with the wrappings that the report should name.
WRAPPINGS: Final[dict[str, tuple[Wrap, tuple[str, ...]]]] = {
    "nothing": (lambda data: data, ()),
    "capitals": (as_text(str.upper), ()),
    "small letters": (as_text(str.lower), ()),
    "swapped letters": (as_text(str.swapcase), ()),
    "NFD": (as_text(lambda text: unicodedata.normalize("NFD", text)), ()),
    "base64": (base64.b64encode, ("base64",)),
    "base64 for addresses, unpadded": (lambda data: base64.urlsafe_b64encode(data).rstrip(b"="), ("base64",)),
    "base64 behind one letter": (lambda data: b"k" + base64.b64encode(data), ("base64",)),
    "base64 behind two letters": (lambda data: b"ke" + base64.b64encode(data) + b"z", ("base64",)),
    "base64 behind three letters": (lambda data: b"key" + base64.b64encode(data), ("base64",)),
    "base64 in lines": (lambda data: base64.encodebytes(b"Good day! " * 4 + data), ("base64",)),
    "base32": (base64.b32encode, ("base32",)),
    "base32 in small letters": (lambda data: base64.b32encode(data).lower(), ("base32",)),
    "base32 behind three letters": (lambda data: b"QQQ" + base64.b32encode(data), ("base32",)),
    "hex": (lambda data: data.hex().encode(), ("hex",)),
    "hex in capitals behind a digit": (lambda data: b"f" + data.hex().upper().encode(), ("hex",)),
    "bytea as text": (lambda data: b"\\x" + data.hex().encode(), ("hex",)),
    r"\x": (by_code("\\x{:02x}"), ("backslash",)),
    "octal": (by_code("\\{:03o}"), ("backslash",)),
    r"\u": (by_character("\\u{:04x}"), ("backslash",)),
    r"\u with doubled backslashes": (by_character("\\\\u{:04X}"), ("backslash",)),
    r"\U": (by_character("\\U{:08x}"), ("backslash",)),
    "zlib": (lambda data: zlib.compress(data * 3), ("zlib",)),
    "gzip": (lambda data: gzip.compress(data * 3), ("gzip",)),
    "bzip2": (bz2.compress, ("bzip2",)),
    "xz": (lambda data: lzma.compress(data * 3), ("xz",)),
    "zip": (lambda data: zipped(data * 3), ("deflate",)),
    "url": (by_code("%{:02X}"), ("url",)),
    "url twice": (as_text(lambda text: quote(quote(text, safe=""), safe="")), ("url", "url")),
    "form": (as_text(quote_plus), ("url",)),
    "quoted-printable": (by_code("={:02X}"), ("quoted-printable",)),
    "html decimal": (by_character("&#{};"), ("html",)),
    "html hexadecimal": (by_character("&#x{:x};"), ("html",)),
    "UTF-16 LE": (encoded("utf-16-le"), ("utf-16",)),
    "UTF-16 BE": (encoded("utf-16-be"), ("utf-16",)),
}
BETWEEN: Final = b"\x07\n"


def noise(seed: int, length: int = 1000) -> bytes:
    return random.Random(seed).randbytes(length)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("needle", [1, 2])
def test_search_finds_a_needle_in_each_wrapping_once_and_names_it(wrapping: str, needle: int) -> None:
    wrap, chain = WRAPPINGS[wrapping]
    text = f"for {[ADDRESS, NAME][needle - 1]}, with kind regards".encode()

    found = search(noise(needle) + BETWEEN + wrap(text) + BETWEEN + noise(needle + 2), NEEDLES)

    wrapped = [hit for hit in found.hits if hit.needle == needle and hit.chain]
    assert {hit.needle for hit in found.hits} == {needle}
    assert {hit.chain for hit in wrapped} == ({chain} if chain else set())
    assert found.is_cut is False


@pytest.mark.parametrize("outer", ["base64", "hex", "zlib", "url", r"\u", "quoted-printable", "html decimal"])
@pytest.mark.parametrize("inner", ["base64", "base32", "gzip", "url", r"\u", "html decimal"])
def test_search_finds_a_needle_in_one_wrapping_within_another(outer: str, inner: str) -> None:
    packed = WRAPPINGS[inner][0](NAME.encode())
    if outer in (r"\u", "html decimal"):
        packed = base64.b64encode(packed)

    found = search(b"{" + WRAPPINGS[outer][0](packed) + b"}", NEEDLES)

    assert {hit.needle for hit in found.hits} == {2}


def test_search_finds_what_celery_and_django_make_of_a_name() -> None:
    arguments = json.dumps([[NAME], {}, {"callbacks": None}])
    message = json.dumps({"body": base64.b64encode(arguments.encode()).decode(), "headers": {"kwargsrepr": "{}"}})
    session = base64.urlsafe_b64encode(zlib.compress(json.dumps({"login": ADDRESS}).encode())).rstrip(b"=")

    in_message = search(message.encode(), NEEDLES)
    in_session = search(b"." + session + b":1uXyZ:signature", NEEDLES)

    assert [(hit.needle, hit.chain) for hit in in_message.hits] == [(2, ("base64", "backslash"))]
    assert [(hit.needle, hit.chain) for hit in in_session.hits] == [(1, ("base64", "zlib"))]


def test_search_finds_raw_deflate_where_a_value_begins() -> None:
    packed = deflate(json.dumps({"name": NAME, "again": NAME}, ensure_ascii=False).encode())

    at_start = search(packed, NEEDLES)
    in_base64 = search(b"SAMLRequest=" + base64.b64encode(packed), NEEDLES)

    assert {hit.chain for hit in at_start.hits if hit.chain} == {("deflate",)}
    assert {hit.chain for hit in in_base64.hits if hit.needle == 2} >= {("base64", "deflate")}


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_search_finds_a_name_in_the_older_russian_encodings(encoding: str) -> None:
    found = search(b"Subject: " + NAME.upper().encode(encoding), NEEDLES)

    assert found.hits == [Hit(2, 9)]


def test_search_finds_a_name_whose_space_is_written_another_way() -> None:
    first, last = NAME.split()

    for between in ("+", "_", "\u00a0", "\r\n ", "\n"):
        assert [hit.needle for hit in search(f"{first}{between}{last}".encode(), NEEDLES).hits] == [2]


def test_search_says_where_the_wrapping_stands() -> None:
    data = b"." * 5000 + base64.b64encode(b"x" * 300 + ADDRESS.encode()) + b"." * 500

    assert search(data, NEEDLES).hits == [Hit(1, 5400, ("base64",))]


def test_search_says_exactly_where_an_escaped_text_stands() -> None:
    data = b"%41" * 10 + b"." * 3000 + quote(ADDRESS, safe="").encode() + b"." * 500

    assert search(data, NEEDLES).hits == [Hit(1, 3030, ("url",))]


def test_search_finds_nothing_in_noise_and_in_other_text() -> None:
    other = f"{ADDRESS[1:]} {NAME[:-1]} {NAME[1:]} канарейка".encode()
    wrapped = b"\n".join(wrap(other) for wrap, _ in WRAPPINGS.values())

    assert search(os.urandom(3_000_000) + wrapped, NEEDLES) == Found(hits=[], is_cut=False)


def test_search_stops_in_a_bomb_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operator_portal.scanning.search.ALLOWED_BYTES", 4 * 1024 * 1024)
    bomb = gzip.compress(gzip.compress(bytes(16 * 1024 * 1024)))

    found = search(bomb, NEEDLES)

    assert (found.hits, found.is_cut) == ([], True)


def test_search_reads_on_behind_its_buffer_for_a_long_stream() -> None:
    lines = "\n".join(f"{number} {number * 7919}" for number in range(200_000))
    packed = gzip.compress(f"{lines}\n{NAME}\n".encode())
    head, tail = packed[:4096], packed[4096:]

    found = search(head, NEEDLES, more=lambda: iter([tail]))

    assert [hit.needle for hit in found.hits] == [2]


def test_search_unpacks_the_strings_of_a_broker_dump() -> None:
    # As the server writes them: three literals, then copies of what went before.
    packed = b"\x02abc\xe0\x00\x02"
    assert decompress(packed, 12) == b"abcabcabcabc"

    needles = Needles.of(["abcabcabcabc"])
    dump = b"VALKEY080" + b"\xc3" + bytes([len(packed), 12]) + packed

    assert search(dump, needles, is_broker_dump=True).hits == [Hit(1, 9, ("lzf",))]
    assert search(dump, needles).hits == []


def test_needles_refuse_one_so_short_that_chance_finds_it() -> None:
    with pytest.raises(NeedleTooShort, match="needle 2"):
        Needles.of([ADDRESS, "Ян"])


def test_needles_find_an_address_by_its_local_part_when_asked() -> None:
    data = b"login=canary.person"

    assert search(data, Needles.of([ADDRESS])).hits == []
    assert search(data, Needles.of([ADDRESS], local_parts=True)).hits == [Hit(1, 6)]


def test_needles_find_an_address_whose_domain_is_written_in_ascii() -> None:
    assert search(b"<petrov@xn--e1afmkfd.xn--p1ai>", Needles.of(["petrov@пример.рф"])).hits == [Hit(1, 1)]
