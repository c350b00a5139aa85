"""A tree, checkpoint and counts for a log that was filled by hand, in minutes instead of the hours of a year: leaves as
the sequencer writes them, of all events at once. What comes later goes the usual way."""

from typing import Final
from unittest import mock

from django.conf import settings
from django.db import connection, transaction

from processing_log import signer, tally, tiles
from processing_log.models import TreeState
from processing_log.sequencer import LEAF
from processing_log.verify_log import root_of

_LEAVES: Final = f"""
INSERT INTO processing_log_leaf (index, event_id, event_at, data)
SELECT e.id - 1, e.id, e.at, {LEAF.format(e="e", seq="(e.id - 1)")} FROM processing_log_event e
"""  # noqa: S608
_TILES: Final = """
INSERT INTO processing_log_tile (level, place, hashes)
SELECT 0, index / 256, string_agg(sha256('\\x00'::bytea || data), ''::bytea ORDER BY index)
FROM processing_log_leaf GROUP BY 2
"""
_COUNTS: Final = f"""
{tally.ADD[: tally.ADD.index("FROM")]} FROM processing_log_event e GROUP BY 1, 2, 3, 4, 5, 6, 7;
UPDATE processing_log_tallystate SET up_to = %s
"""  # noqa: S608
_STATE: Final = """
UPDATE processing_log_treestate SET size = %s, root = %s, sequenced_at = portal_now(),
    (after_transaction, after_event) =
        (SELECT transaction_id, id FROM processing_log_event ORDER BY transaction_id DESC, id DESC LIMIT 1),
    cluster = (SELECT system_identifier FROM pg_control_system())
"""


@transaction.atomic
def plant() -> None:
    """Of events whose numbers have no gaps, in the order of their transactions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(id) FROM processing_log_event")
        size, last = cursor.fetchone()
        assert size == last, "a number is missing"
        cursor.execute(_LEAVES)
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(_TILES)
        level = 0
        while _above(level):
            level += 1
        cursor.execute(_STATE, [size, tiles.root(size)])
        named = [kind.value for kind in tally.NAMED]
        cursor.execute(_COUNTS, [settings.OPERATOR_TIME_ZONE, named, size])


def sign() -> None:
    """Without reading ten million leaves again: that is measured elsewhere (BENCH_WORKS=log)."""
    root = bytes(TreeState.objects.get().root)
    with mock.patch.object(signer, "read_again", return_value=root):
        signer.sign(at_once=True)


def _above(level: int) -> bool:
    """The tiles over those of this level; whether there are any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hashes FROM processing_log_tile WHERE level = %s AND length(hashes) = %s ORDER BY place",
            [level, tiles.FULL],
        )
        roots = [root_of(_hashes(bytes(row))) for (row,) in cursor.fetchall()]
        rows = [(level + 1, place, b"".join(some)) for place, some in enumerate(_rows_of(roots))]
        cursor.executemany("INSERT INTO processing_log_tile (level, place, hashes) VALUES (%s, %s, %s)", rows)
    return bool(rows)


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[at : at + tiles.HASH] for at in range(0, len(tile), tiles.HASH)]


def _rows_of(roots: list[bytes]) -> list[list[bytes]]:
    return [roots[at : at + tiles.WIDTH] for at in range(0, len(roots), tiles.WIDTH)]
