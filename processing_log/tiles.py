"""The hashes of the tree as they are kept, in tiles of up to 256 (C2SP tlog-tiles): tile (level, place) holds the roots
of complete subtrees of 256 ** level leaves each. A proof needs a few tiles, whatever the size of the tree."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

import psycopg
from django.db import connection

from processing_log import merkle

WIDTH: Final = 256
HASH: Final = 32
FULL: Final = WIDTH * HASH
LEVELS_A_TILE: Final = 8
#: Proofs are made of pieces of tiles, so many hashes each, and of the roots of these pieces: the middle of the tile.
PIECE: Final = 16
MIDDLE: Final = WIDTH // PIECE
LEVELS_A_PIECE: Final = 4

_TILES: Final = (
    "SELECT level, place, hashes FROM processing_log_tile JOIN unnest(%s::smallint[], %s::bigint[])"
    " AS wanted (level, place) USING (level, place)"
)
_PIECES: Final = f"""
SELECT level, place, part, CASE part WHEN {MIDDLE} THEN COALESCE(middle, '')
    ELSE substr(hashes, part * {PIECE * HASH} + 1, {PIECE * HASH}) END
FROM processing_log_tile JOIN unnest(%s::smallint[], %s::bigint[], %s::int[]) AS wanted (level, place, part)
    USING (level, place)
"""  # noqa: S608

Key = tuple[int, int]
#: A tile, and which of its pieces.
Piece = tuple[int, int, int]


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
        number = 1 << level % LEVELS_A_TILE
        hashes = tiles.get(key, b"")[first * HASH : (first + number) * HASH]
        if len(hashes) != number * HASH:
            raise Torn(key)
        return root_of(hashes)

    return node


def read(parts: Iterable[merkle.Range]) -> dict[Key, bytes]:
    """The tiles that the hashes of these ranges of leaves are in, by one query."""
    keys = sorted({tile_of(level, place)[0] for part in parts for level, place in merkle.blocks(*part)})
    return fetch(keys)


def fetch(keys: Iterable[Key]) -> dict[Key, bytes]:
    wanted = list(keys)
    rows = _rows(_TILES, [level for level, _place in wanted], [place for _level, place in wanted])
    return {(level, place): hashes for level, place, hashes in rows}


def fetch_pieces(keys: Iterable[Piece]) -> dict[Piece, bytes]:
    """A piece may be shorter, and the middle is empty, where a tile is not full."""
    rows = _rows(_PIECES, *(list(part) for part in zip(*keys, strict=True)))
    return {(level, place, part): hashes for level, place, part, hashes in rows}


def _rows(statement: str, *keys: list[int]) -> list[Any]:
    """In binary: as text the hashes would be twice as long, and have to be read."""
    if not keys or not keys[0]:
        return []
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return psycopg.Cursor(connection.connection).execute(statement, keys, binary=True).fetchall()


def piece_of(level: int, place: int) -> tuple[Piece, int, int]:
    """Where the hash of a complete subtree comes from: the piece, the first of the hashes to be folded, how many."""
    tile_level, up = divmod(level, LEVELS_A_TILE)
    tile, first = divmod(place << up, WIDTH)
    part, within = divmod(first, PIECE)
    if up < LEVELS_A_PIECE:
        return (tile_level, tile, part), within, 1 << up
    return (tile_level, tile, MIDDLE), part, 1 << up - LEVELS_A_PIECE


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
                    full.append(root_of(tile))
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


def root_of(hashes: bytes) -> bytes:
    """Of a complete subtree, of hashes that stand one behind another."""
    while len(hashes) > HASH:
        hashes = b"".join(
            [sha256(b"\x01" + hashes[at : at + 2 * HASH]).digest() for at in range(0, len(hashes), 2 * HASH)]
        )
    return hashes
