"""What the log shows to everybody: the newest checkpoint, the hashes, the public keys. No event is among it."""

import re
from dataclasses import dataclass
from typing import Final

from processing_log import notes, tiles
from processing_log.models import Checkpoint, Leaf, LogKey
from processing_log.scopes import PAGE_SECONDS, Scope, eyes
from processing_log.tiles import HASH, WIDTH

_TILE: Final = re.compile(r"(0|[1-9][0-9]?|entries)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, kw_only=True)
class TilePath:
    """`level` is None for a bundle of entries; `width` is the number of hashes or entries that are asked for."""

    level: int | None
    place: int
    width: int

    @classmethod
    def parse(cls, path: str) -> "TilePath | None":
        """As C2SP tlog-tiles writes them: 0/x001/x234/067.p/12."""
        found = _TILE.fullmatch(path)
        if not found or found[3] == "256" or int(found[3] or 0) >= WIDTH:
            return None
        if found[2] != place_path(place := int(found[2].replace("x", "").replace("/", ""))):
            return None
        level = None if found[1] == "entries" else int(found[1])
        return cls(level=level, place=place, width=int(found[3] or WIDTH)) if (level or 0) < 64 else None


def place_path(place: int) -> str:
    last = f"{place % 1000:03}"
    while place := place // 1000:
        last = f"x{place % 1000:03}/{last}"
    return last


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def growth(old: int, new: int) -> str | None:
    """That the log of the later checkpoint begins with that of the earlier one, as C2SP tlog-witness writes it: "old
    SIZE", the hashes of the proof (RFC 9162), an empty line, the later checkpoint. Nothing where one is not there."""
    found = Checkpoint.objects.in_bulk([old, new])
    if not found.keys() >= {old, new} or old > new:
        return None
    proof = "".join(f"{notes.to_base64(part)}\n" for part in tiles.consistency(old, new))
    return f"old {old}\n{proof}\n{found[new].note}"


def tile(path: TilePath) -> bytes | None:
    """As many hashes as are asked for, or nothing."""
    assert path.level is not None
    hashes = tiles.fetch([(path.level, path.place)]).get((path.level, path.place), b"")[: path.width * HASH]
    return hashes if len(hashes) == path.width * HASH else None


def bundle(path: TilePath, scope: Scope) -> bytes | None:
    """Entries, each after its length in two bytes; nothing when one of them is not there, or not any more."""
    first = path.place * WIDTH
    leaves = Leaf.objects.filter(index__gte=first, index__lt=first + path.width).order_by("index")
    with eyes(scope, seconds=PAGE_SECONDS):
        entries = [bytes(data) for data in leaves.values_list("data", flat=True)]
    if len(entries) != path.width:
        return None
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def signing_keys() -> list[str]:
    return list(LogKey.objects.order_by("added_at", "vkey").values_list("vkey", flat=True))
