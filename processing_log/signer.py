"""Signs checkpoints, after reading everything again that it has not signed yet.

The keys are the worker's alone (LOG_SIGNING_KEY). Outside the database, in LOG_SIGNER_DIR, lies the last checkpoint
that was signed: a database that was rolled back or written anew is met with an alarm and not with a signature."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from law import clock
from processing_log import merkle, notes, tiles
from processing_log.models import Checkpoint, LogKey, TreeState
from processing_log.notes import Note, TreeHead
from processing_log.sequencer import LEAF, LOCK, Inconsistent, raise_alarm
from processing_log.tiles import Torn

EVERY: Final = timedelta(seconds=60)
READ_AT_ONCE: Final = 2_000

_AGAIN: Final = f"""
SELECT l.index, l.data, l.data = {LEAF.format(e="e", seq="l.index")}
FROM processing_log_leaf l LEFT JOIN processing_log_event e ON e.id = l.event_id AND e.at = l.event_at
WHERE l.index >= %s AND l.index < %s ORDER BY l.index
"""  # noqa: S608


class SignerMissing(Inconsistent):
    """This process has no key, and there is something to sign."""

    def __init__(self) -> None:
        super().__init__("signer_missing")


def private_keys() -> list[Ed25519PrivateKey]:
    """The newest first; an old one signs along until the auditors have the new one."""
    return [Ed25519PrivateKey.from_private_bytes(notes.from_base64(seed)) for seed in settings.LOG_SIGNING_KEY.split()]


def sign(*, at_once: bool = False) -> Checkpoint | None:
    """A new checkpoint when there are new leaves and the last one is old enough, or `at_once`. Raises Inconsistent,
    after an alarm, and SignerMissing without a key."""
    try:
        with transaction.atomic():
            return _sign(at_once=at_once)
    except (Inconsistent, Torn) as trouble:
        code = trouble.code if isinstance(trouble, Inconsistent) else "tiles"
        raise_alarm(code)
        if isinstance(trouble, SignerMissing):
            raise
        raise Inconsistent(code) from trouble


def _sign(*, at_once: bool) -> Checkpoint | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    now, last = clock.now(), Checkpoint.objects.order_by("-size").first()
    state = TreeState.objects.get()
    size = state.size
    if size == (last.size if last else 0) or (last and not at_once and now - last.signed_at < EVERY):
        _all_is_well(state)
        return None
    keys = private_keys()
    if not keys:
        raise SignerMissing
    origin = state.origin or settings.LOG_ORIGIN
    _never_two_trees(origin, size, last)
    root = read_again(last.size if last else 0, size)
    if root != bytes(state.root):
        raise Inconsistent("root")
    note = notes.sign(str(TreeHead(origin=origin, size=size, root=root)), origin, *keys)
    _remember(origin, note)
    for key in keys:
        LogKey.objects.get_or_create(vkey=str(notes.public_key(origin, key)), defaults={"added_at": now})
    TreeState.objects.filter(origin="").update(origin=origin)
    _all_is_well(state)
    return Checkpoint.objects.create(size=size, root=root, note=str(note), signed_at=now)


def _all_is_well(state: TreeState) -> None:
    if state.alarm:
        TreeState.objects.update(alarm="", alarm_at=None)


def _never_two_trees(origin: str, size: int, last: Checkpoint | None) -> None:
    """What was signed before, by the database's word and by the signer's own, is where this tree begins."""
    heads = [TreeHead.parse(Note.parse(last.note).text)] if last else []
    if kept := _kept(origin):
        if last is None or kept.size > last.size:
            raise Inconsistent("rolled_back")
        heads.append(kept)
    for head in heads:
        if head.origin != origin or head.size > size or tiles.root(head.size) != head.root:
            raise Inconsistent("rewritten")


def read_again(signed: int, size: int) -> bytes:
    """The root, from the bytes of each new leaf as they are kept, compared with the events they tell of."""
    node = tiles.node_in(tiles.read([(0, signed)]))
    frontier = [(level, node(level, place)) for level, place in merkle.blocks(0, signed)]
    expected = signed
    for index, data, is_the_event in _leaves(signed, size):
        if index != expected:
            raise Inconsistent("indices")
        if not is_the_event:
            raise Inconsistent("leaf_is_not_its_event")
        expected += 1
        level, found = 0, merkle.leaf_hash(bytes(data))
        while frontier and frontier[-1][0] == level:
            level, found = level + 1, merkle.node_hash(frontier.pop()[1], found)
        frontier.append((level, found))
    if expected != size:
        raise Inconsistent("indices")
    return merkle.fold([hash_ for _level, hash_ in frontier])


def _leaves(start: int, end: int) -> Iterator[tuple[int, bytes, bool]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_AGAIN, [start, end])
        while rows := cursor.fetchmany(READ_AT_ONCE):
            yield from rows


# --- what the signer remembers by itself ------------------------------------------------------------------------------


def give_up_what_was_lost() -> TreeHead | None:
    """After a restore: what was signed since the backup has lost its leaves. The checkpoint is laid aside and answered,
    for the log to name it: whoever keeps a later one than the log now has finds there why. Raises Inconsistent when
    what is left is not how the signed log begins."""
    state = TreeState.objects.get()
    kept = _kept(state.origin) if state.origin else None
    if kept is None:
        return None
    if kept.size <= state.size:
        if tiles.root(kept.size) != kept.root:
            raise Inconsistent("rewritten")
        return None
    file = _file(state.origin)
    file.replace(file.with_suffix(f".lost-{kept.size}"))
    return kept


def _kept(origin: str) -> TreeHead | None:
    file = _file(origin)
    return TreeHead.parse(Note.parse(file.read_text()).text) if file.exists() else None


def _remember(origin: str, note: Note) -> None:
    """On disk before the signature is anywhere else."""
    file = _file(origin)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(str(note))
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)


def _file(origin: str) -> Path:
    name = "".join(char if char.isalnum() or char in ".-" else "_" for char in origin)
    return Path(settings.LOG_SIGNER_DIR) / f"{name}.checkpoint"
