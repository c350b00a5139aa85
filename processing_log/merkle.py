"""The Merkle tree of RFC 6962 and RFC 9162, as pure functions.

A tree over n leaves is never held whole. It is asked for the hash of a *complete* subtree, (level, place): the one over
the leaves from `place << level` on, `1 << level` of them. Whatever else is needed is folded together from those.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Final

Node = Callable[[int, int], bytes]
Range = tuple[int, int]

EMPTY: Final = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def blocks(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The leaves from `start` up to `end` as the fewest complete subtrees, from left to right: (level, place)."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees that get smaller from left to right."""
    if not hashes:
        return EMPTY
    *others, root = hashes
    for left in reversed(others):
        root = node_hash(left, root)
    return root


def root(size: int, node: Node) -> bytes:
    return _range_hash((0, size), node)


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """That leaf `index` is in the tree of `size` leaves; the nearest neighbour first. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf in this tree")
    return [_range_hash(part, node) for part in inclusion_ranges(index, size)]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """That the tree of `new` leaves begins with the tree of `old` ones. Raises ValueError."""
    if not 0 <= old <= new:
        raise ValueError("a tree only grows")
    return [_range_hash(part, node) for part in consistency_ranges(old, new)]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    start, end = 0, size
    others: list[Range] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            others.append((middle, end))
            end = middle
        else:
            others.append((start, middle))
            start = middle
    return others[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    if old in (0, new):
        return []
    start, end = 0, new
    parts: list[Range] = []
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start = middle
    return ([(start, end)] if start else []) + parts[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2. `leaf` is the hash of the leaf."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(other, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, other)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2."""
    if old in (0, new):
        return not proof and old_root == (EMPTY if old == 0 else new_root)
    return 0 < old < new and bool(proof) and _is_grown(old, new, old_root, new_root, proof)


def _is_grown(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    of_old = of_new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            of_old, of_new = node_hash(other, of_old), node_hash(other, of_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            of_new = node_hash(of_new, other)
        place, last = place >> 1, last >> 1
    return last == 0 and of_old == old_root and of_new == new_root


def _range_hash(part: Range, node: Node) -> bytes:
    """Of a subtree, complete or at the right edge: `start` is a multiple of the next power of two above its size."""
    return fold([node(level, place) for level, place in blocks(*part)])


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
