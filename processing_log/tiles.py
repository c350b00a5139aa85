"""The hashes of the tree as they are kept, in tiles of up to 256 (C2SP tlog-tiles): tile (level, place) holds the roots
of complete subtrees of 256 ** level leaves each. A proof needs a few tiles, whatever the size of the tree."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

import psycopg
from django.db import connection

from processing_log import merkle

WIDTH: Final = 256
HASH: Final = 32
FULL: Final = WIDTH * HASH
LEVELS_A_TILE: Final = 8
#: Behind a full tile that is read for proofs are the roots of its subtrees of 16, which the database keeps.
TO_MIDDLE: Final = 4

_FETCH: Final = (
    "SELECT level, place, {what} FROM processing_log_tile JOIN unnest(%s::smallint[], %s::bigint[])"
    " AS wanted (level, place) USING (level, place)"
)
_HASHES: Final = _FETCH.format(what="hashes")
_WITH_MIDDLE: Final = _FETCH.format(what="hashes || COALESCE(middle, '')")

Key = tuple[int, int]


class Torn(Exception):
    """A tile that must be there is not, or is shorter than the tree."""


def tile_of(level: int, place: int) -> tuple[Key, int]:
    """Where the hash of a complete subtree comes from: the tile, and the first of the hashes to be folded."""
    tile_level, rest = divmod(level, LEVELS_A_TILE)
    first = place << rest
    return (tile_level, first // WIDTH), first % WIDTH


def node_in(tiles: Mapping[Key, bytes]) -> merkle.Node:
    def node(level: int, place: int) -> bytes:
        key, first = tile_of(level, place)
        tile, up = tiles.get(key, b""), level % LEVELS_A_TILE
        if up >= TO_MIDDLE and len(tile) > FULL:
            begins, number = FULL + (first >> TO_MIDDLE) * HASH, 1 << up - TO_MIDDLE
        else:
            begins, number = first * HASH, 1 << up
        hashes = tile[begins : begins + number * HASH]
        if len(hashes) != number * HASH:
            raise Torn(key)
        return _root(hashes)

    return node


def read(parts: Iterable[merkle.Range]) -> dict[Key, bytes]:
    """The tiles that the hashes of these ranges of leaves are in, by one query."""
    keys = sorted({tile_of(level, place)[0] for part in parts for level, place in merkle.blocks(*part)})
    return fetch(keys)


def fetch(keys: Iterable[Key]) -> dict[Key, bytes]:
    return _fetch(_HASHES, keys)


def fetch_for_proofs(keys: Iterable[Key]) -> dict[Key, bytes]:
    """With the middle of those that are full. Whoever asks whether the tree is still the one that was signed asks the
    hashes alone."""
    return _fetch(_WITH_MIDDLE, keys)


def _fetch(statement: str, keys: Iterable[Key]) -> dict[Key, bytes]:
    """In binary: as text the hashes would be twice as long, and have to be read."""
    if not (wanted := list(keys)):
        return {}
    connection.ensure_connection()
    with connection.wrap_database_errors:
        asked = [[level for level, _place in wanted], [place for _level, place in wanted]]
        rows = psycopg.Cursor(connection.connection).execute(statement, asked, binary=True).fetchall()
    return {(level, place): hashes for level, place, hashes in rows}


def root(size: int) -> bytes:
    """Raises Torn."""
    return merkle.root(size, node_in(read([(0, size)])))


def inclusion(index: int, size: int) -> list[bytes]:
    return merkle.inclusion(index, size, node_in(read(merkle.inclusion_ranges(index, size))))


def consistency(old: int, new: int) -> list[bytes]:
    return merkle.consistency(old, new, node_in(read(merkle.consistency_ranges(old, new))))


class Edge:
    """The tiles at the right edge, where the tree grows."""

    def __init__(self, size: int, tiles: Mapping[Key, bytes]) -> None:
        self.size = size
        self._tiles = dict(tiles)
        self._changed: dict[Key, bytes] = {}

    @classmethod
    def read(cls, size: int) -> "Edge":
        """Raises Torn when what is kept is not the edge of a tree of that size."""
        wanted = dict(_edge(size))
        tiles = fetch(wanted)
        if {key: len(hashes) // HASH for key, hashes in tiles.items()} != wanted:
            raise Torn(size)
        return cls(size, tiles)

    def root(self) -> bytes:
        return merkle.root(self.size, node_in(self._tiles))

    def append(self, hashes: list[bytes]) -> None:
        level, count = 0, self.size
        self.size += len(hashes)
        while hashes:
            place = count // WIDTH
            row = self._tiles.get((level, place), b"") + b"".join(hashes)
            full: list[bytes] = []
            for start in range(0, len(row), FULL):
                tile = row[start : start + FULL]
                self._tiles[level, place] = self._changed[level, place] = tile
                place += 1
                if len(tile) == FULL:
                    full.append(_root(tile))
            hashes, level, count = full, level + 1, count // WIDTH

    def write(self) -> None:
        keys, tiles = list(self._changed), list(self._changed.values())
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO processing_log_tile (level, place, hashes)"
                " SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])"
                " ON CONFLICT (level, place) DO UPDATE SET hashes = EXCLUDED.hashes",
                [[level for level, _place in keys], [place for _level, place in keys], tiles],
            )


def _edge(size: int) -> Iterable[tuple[Key, int]]:
    """The tiles of a tree of that size that are not full, and how many hashes are in each."""
    level = 0
    while size:
        if size % WIDTH:
            yield (level, size // WIDTH), size % WIDTH
        size //= WIDTH
        level += 1


def _root(hashes: bytes) -> bytes:
    """Of a complete subtree, of hashes that stand one behind another."""
    while len(hashes) > HASH:
        pairs = [hashes[at : at + 2 * HASH] for at in range(0, len(hashes), 2 * HASH)]
        hashes = b"".join([sha256(b"\x01" + pair).digest() for pair in pairs])
    return hashes
