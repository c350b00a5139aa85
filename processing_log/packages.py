"""The export that proves itself: a ZIP of entries, the checkpoint they are under, and the hashes between. What is in it
and how it is verified stands in verify_log.py, which is part of it. Written in constant memory."""

import hashlib
import json
import struct
import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from django.db import connection, transaction

from processing_log import merkle, notes, past_term, tiles, witnesses
from processing_log.filters import LogFilter
from processing_log.models import Checkpoint, Event, Leaf
from processing_log.notes import Note, TreeHead
from processing_log.publication import signing_keys
from processing_log.sampling import Sample
from processing_log.scopes import Scope, eyes
from processing_log.tiles import Key, Piece

HERE: Final = Path(__file__).parent
PROOF_HEAD: Final = b"operator-portal/proof-of-entries@v1\n"
SEAL: Final = "sha256:"
PIECES_KEPT: Final = 4_096
GAPS_AT_ONCE: Final = 128
FEW: Final = 64
EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # a ZIP knows no time zone: when it was made says export.json
_SEPARATOR: Final = b"\x02"
_GAP: Final = struct.Struct("<qq")

_ALL: Final = "SELECT l.index, l.data FROM processing_log_leaf l WHERE l.index < {size} ORDER BY l.index"
_OF_A_PERIOD: Final = (
    "SELECT l.index, l.data FROM processing_log_leaf l WHERE l.index < {size}"
    " AND l.event_at >= COALESCE(%s, '-infinity'::timestamptz) AND l.event_at < COALESCE(%s, 'infinity'::timestamptz)"
    " ORDER BY l.index"
)
_SOME: Final = (
    "SELECT l.index, l.data FROM ({events}) e JOIN processing_log_leaf l ON l.event_id = e.id AND l.event_at = e.at"
    " WHERE l.index < {size} ORDER BY l.index"
)
_COPY: Final = (
    "COPY (SELECT index, convert_from(data, 'UTF8') FROM ({leaves}) l)"
    " TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
)


Rows = Iterator[list[tuple[int, bytes]]]
Progress = Callable[[int], object]


class NothingSigned(Exception):
    """There is no checkpoint yet: what was entered a moment ago is signed within a minute."""


def write(
    path: Path,
    *,
    wanted: LogFilter,
    since: int | None,
    at: datetime,
    progress: Progress = lambda _: None,
) -> int:
    """The number of entries. `since` is the size of the checkpoint that the reader has; what is newer than the newest
    checkpoint is left to the next export. Raises NothingSigned."""
    with transaction.atomic():
        kept_from = past_term.kept_from()  # and from here on nothing more is removed
        newest = Checkpoint.objects.order_by("-size").first()
        if newest is None:
            raise NothingSigned
        asked = _Asked(what=_asked(wanted), since=since, at=at, kept_from=kept_from)
        return _write(path, leaves(wanted, newest.size), newest, asked, progress=progress)


def write_one(path: Path, event: Event, *, at: datetime, within: Scope | None = None) -> None:
    """Of a single event. Raises NothingSigned when it is under no checkpoint yet."""
    newest = Checkpoint.objects.order_by("-size").first()
    with eyes(within):
        leaf = Leaf.objects.filter(event_id=event.pk, event_at=event.at).first()
    if newest is None or leaf is None or leaf.index >= newest.size:
        raise NothingSigned
    rows = iter([[(leaf.index, bytes(leaf.data))]])
    asked = _Asked(what=f"id={event.pk}", since=None, at=at, kept_from=past_term.kept_from())
    _write(path, rows, newest, asked, progress=lambda _: None)


def write_sample(path: Path, sample: Sample, *, wanted: LogFilter, number: int, at: datetime) -> int:
    """What was drawn of `wanted`, and how; under the newest checkpoint, with the proof that it continues the one that
    the sample was drawn by. The number of entries. Raises NothingSigned."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        raise NothingSigned
    places = sorted(each.index for each in sample.drawn)
    with eyes(wanted.within):
        leaves = Leaf.objects.filter(index__in=places).order_by("index").values_list("index", "data")
        rows = [(index, bytes(data)) for index, data in leaves]
    what = f"sample={number} {_asked(wanted)}"
    asked = _Asked(what=what, since=sample.checkpoint.size, at=at, kept_from=past_term.kept_from())
    return _write(path, iter([rows]), newest, asked, progress=lambda _: None, sample=str(sample))


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Entries before `kept_from` are past their term."""

    what: str
    since: int | None
    at: datetime
    kept_from: int


def _write(path: Path, rows: Rows, newest: Checkpoint, asked: _Asked, *, progress: Progress, sample: str = "") -> int:
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        package = _Package(archive)
        number = package.add_entries(rows, newest.size, progress)
        note = witnesses.with_cosignatures(newest)
        head = TreeHead.parse(note.text)
        package.add("checkpoint", str(note))
        package.add("keys", _keys())
        if older := _older(asked.since, newest.size):
            package.add("consistency", _consistency(older, newest.size))
        if sample:
            package.add("sample", sample)
        package.add("export.json", _about(asked, head, number))
        for name, file in (("README.txt", "package_readme.txt"), ("verify_log.py", "verify_log.py")):
            package.add(name, (HERE / file).read_text())
        package.add_digests()
    _seal(path)
    return number


class _Package:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._digests: dict[str, str] = {}

    def add(self, name: str, text: str) -> None:
        with self._open(name) as file:
            file.write(text.encode())
        self._digests[name] = hashlib.sha256(text.encode()).hexdigest()

    def add_digests(self) -> None:
        with self._open("SHA256SUMS") as file:
            file.write("".join(f"{digest}  {name}\n" for name, digest in sorted(self._digests.items())).encode())

    def add_entries(self, entries: Rows, size: int, progress: Progress) -> int:
        """Entries; then, when the connection is free again, their hashes as the tree has them, and those of what is
        between them."""
        number = place = 0
        digest = hashlib.sha256()
        with tempfile.TemporaryFile() as gaps:
            with self._open("entries.jsonl") as file:
                for rows in entries:
                    for index, _entry in rows:
                        if place < index:
                            gaps.write(_GAP.pack(place, index))
                        place = index + 1
                    content = b"".join([entry + b"\n" for _index, entry in rows])
                    file.write(content)
                    digest.update(content)
                    number += len(rows)
                    progress(len(rows))
            gaps.write(_GAP.pack(place, size))
            self._digests["entries.jsonl"] = digest.hexdigest()
            self._add_hashes(gaps)
        return number

    def _add_hashes(self, gaps: IO[bytes]) -> None:
        with tempfile.TemporaryFile() as hashes, tempfile.TemporaryFile() as proof:
            proof.write(PROOF_HEAD)
            gaps.seek(0)
            reader, place = Reader(), 0
            while some := list(_GAP.iter_unpack(gaps.read(GAPS_AT_ONCE * _GAP.size))):
                reader.look_ahead(place, some)
                for start, end in some:
                    hashes.writelines(reader.hashes(place, start))
                    proof.writelines(reader.between(start, end))
                    place = end
            self._add_file("leaf_hashes", hashes, packing=zipfile.ZIP_STORED)  # nothing makes them shorter
            self._add_file("proof", proof, packing=zipfile.ZIP_DEFLATED)

    def _add_file(self, name: str, content: IO[bytes], *, packing: int) -> None:
        content.seek(0)
        digest = hashlib.sha256()
        with self._open(name, packing=packing) as file:
            while block := content.read(1 << 16):
                file.write(block)
                digest.update(block)
        self._digests[name] = digest.hexdigest()

    def _open(self, name: str, *, packing: int = zipfile.ZIP_DEFLATED) -> IO[bytes]:
        about = zipfile.ZipInfo(name, EPOCH)
        about.compress_type = packing
        about.external_attr = 0o644 << 16
        return self._archive.open(about, "w", force_zip64=True)


class Reader:
    """Hashes of complete subtrees for somebody who goes from left to right."""

    def __init__(self) -> None:
        self._pieces: dict[Piece, bytes] = {}
        self._edge: dict[Key, bytes] = {}
        self._blocks: dict[merkle.Range, list[tuple[tuple[int, int], Piece, int, int]]] = {}

    def look_ahead(self, place: int, gaps: Sequence[merkle.Range]) -> None:
        """What is between the entries, and the few entries that are between the gaps, by one query. `place` is where
        the first of these entries are."""
        if len(self._pieces) > PIECES_KEPT:
            self._pieces.clear()
        self._blocks = {gap: [(block, *tiles.piece_of(*block)) for block in merkle.blocks(*gap)] for gap in gaps}
        keys = {piece for blocks in self._blocks.values() for _block, piece, _first, _number in blocks}
        for start, end in gaps:
            if place < start <= place + FEW:
                keys.update(tiles.piece_of(0, leaf)[0] for leaf in (*range(place, start, tiles.PIECE), start - 1))
            place = end
        self._pieces.update(tiles.fetch_pieces(keys - self._pieces.keys()))

    def between(self, start: int, end: int) -> Iterator[bytes]:
        """One of those that were looked ahead to."""
        for (level, place), piece, first, number in self._blocks[start, end]:
            hash_ = self._hash(piece, first, number) or self._at_the_edge(level, place)
            yield b"%d %d %b\n" % (place << level, level, b64encode(hash_))

    def hashes(self, start: int, end: int) -> Iterator[bytes]:
        """Of the leaves themselves."""
        if end - start <= FEW:
            yield from (
                self._hash(*tiles.piece_of(0, leaf)) or self._at_the_edge(0, leaf) for leaf in range(start, end)
            )
            return
        while start < end:
            place, first = divmod(start, tiles.WIDTH)
            last = min(first + end - start, tiles.WIDTH)
            yield tiles.fetch([(0, place)])[0, place][first * tiles.HASH : last * tiles.HASH]
            start += last - first

    def _hash(self, piece: Piece, first: int, number: int) -> bytes | None:
        hashes = self._pieces.get(piece, b"")[first * tiles.HASH : (first + number) * tiles.HASH]
        return tiles.root_of(hashes) if len(hashes) == number * tiles.HASH else None

    def _at_the_edge(self, level: int, place: int) -> bytes:
        """In a tile that is not full, and has no middle. Raises Torn."""
        key, _first = tiles.tile_of(level, place)
        if key not in self._edge:
            self._edge.update(tiles.fetch([key]))
        return tiles.node_in(self._edge)(level, place)


def leaves(wanted: LogFilter, size: int) -> Rows:
    """(index, entry) of the entries below `size`, a batch at a time. Holds the connection until the end."""
    statement, params = _statement(wanted, size)
    batch: list[tuple[int, bytes]] = []
    with (
        eyes(wanted.within),
        connection.cursor() as cursor,
        cursor.copy(_COPY.format(leaves=statement), params) as copy,
    ):
        for row in copy:
            index, _separator, entry = bytes(row).partition(_SEPARATOR)
            batch.append((int(index), entry[:-1]))
            if len(batch) == 500:
                yield batch
                batch = []
    if batch:
        yield batch


def _statement(wanted: LogFilter, size: int) -> tuple[str, tuple[Any, ...]]:
    if wanted.is_everything:
        return _ALL.format(size=size), ()
    if wanted.is_a_period:
        return _OF_A_PERIOD.format(size=size), wanted.period
    events, params = wanted.events().values_list("id", "at").query.sql_with_params()
    return _SOME.format(events=events, size=size), params


def _asked(wanted: LogFilter) -> str:
    """The question, and the limit that whoever asks cannot go beyond."""
    limit = f"mandate({wanted.within.in_codes()})" if wanted.within else ""
    return f"{wanted.in_codes(with_typed=True)} {limit}".strip()


def _keys() -> str:
    named = [("log", vkey) for vkey in signing_keys()] + [("witness", vkey) for vkey in witnesses.public_keys()]
    return "".join(f"{kind} {vkey}\n" for kind, vkey in named)


def _older(since: int | None, size: int) -> Checkpoint | None:
    """The newest one that the reader has for certain: of the size they named, or the last before it."""
    if since is None:
        return None
    return Checkpoint.objects.filter(size__lte=since, size__lt=size).order_by("-size").first()


def _consistency(older: Checkpoint, size: int) -> str:
    proof = "".join(f"{notes.to_base64(part)}\n" for part in tiles.consistency(older.size, size))
    return f"old {older.size}\n{proof}\n{Note.parse(older.note)}"


def _about(asked: _Asked, head: TreeHead, number: int) -> str:
    about: dict[str, Any] = {
        "schemaVersion": "1.0",
        "kind": "processing-log",
        "generatedAt": asked.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "filter": asked.what,
        "entries": number,
        "from": asked.kept_from,
        "log": {"origin": head.origin, "treeSize": head.size, "root": notes.to_base64(head.root)},
    }
    return json.dumps(about, ensure_ascii=False, indent=2) + "\n"


def _seal(path: Path) -> None:
    """The ZIP's comment is the digest of all that stands before it."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = (SEAL + "0" * 64).encode()
    with path.open("r+b") as file:
        digest, left = hashlib.sha256(), path.stat().st_size - len(SEAL) - 64
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
        file.seek(0)
        file.seek(path.stat().st_size - 64)
        file.write(digest.hexdigest().encode())
