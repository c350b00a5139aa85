"""Gives every committed event its place in the tree: contiguous, none skipped, none twice, whatever the commit order.

Whoever appends takes no lock and knows no number. An event carries the id of its transaction; all transactions below
the oldest one that is running are over, so what is visible of them now is all there will ever be. The sequencer takes
just those, in the order of (transaction, event), and remembers the last. A transaction that commits late has a higher
id than whatever was taken while it ran.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, connection, transaction

from processing_log import merkle
from processing_log.tiles import Edge, Torn

logger = logging.getLogger(__name__)

BATCH: Final = 10_000
LOCK: Final = 0x10C_5E0

#: The leaf: JSON as RFC 8785 wants it (keys in order, no spaces), which is how PostgreSQL writes a row of such columns.
LEAF: Final = """convert_to((SELECT row_to_json(l) FROM (SELECT {e}.actor_id, {e}.actor_kind,
    to_char({e}.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, {e}.basis, {e}.categories, {e}.context,
    {e}.db_role, {e}.fact, {e}.id, {e}.operation, {e}.purpose, {e}.reason, {seq} AS seq, {e}.subject, {e}.system,
    1 AS v) l)::text, 'UTF8')"""

# The subquery is a look-up per event: as an anti-join it may be planned as a scan of all leaves. It finds something
# only after a restore into another cluster, where transactions are counted anew.
_TAKE: Final = f"""
WITH taken AS MATERIALIZED (
    SELECT e.*, %(size)s + row_number() OVER (ORDER BY e.transaction_id, e.id) - 1 AS seq
    FROM (SELECT * FROM processing_log_event e
        WHERE {{which}} AND (SELECT true FROM processing_log_leaf l
            WHERE l.event_id = e.id AND l.event_at = e.at LIMIT 1) IS NULL
        ORDER BY e.transaction_id, e.id LIMIT %(limit)s) e
)
INSERT INTO processing_log_leaf (index, event_id, event_at, data)
SELECT e.seq, e.id, e.at, {LEAF.format(e="e", seq="e.seq")} FROM taken e
RETURNING index, data
"""  # noqa: S608
_SETTLED: Final = "(e.transaction_id, e.id) > (%(after)s::xid8, %(event)s) AND e.transaction_id < %(oldest)s::xid8"
_ALL_THERE_IS: Final = "true"

_LAST: Final = """
SELECT e.transaction_id::text, e.id FROM processing_log_leaf l
JOIN processing_log_event e ON e.id = l.event_id AND e.at = l.event_at WHERE l.index = %s
"""


class Inconsistent(Exception):
    """What is kept of the tree does not agree with itself. Nothing more is sequenced or signed. `code` says what."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(kw_only=True)
class Place:
    """Where the sequencer stands."""

    size: int
    root: bytes
    after: str
    event: int
    is_new_cluster: bool
    cluster: int
    oldest: str


def sequence(*, limit: int = BATCH, stop: Callable[[], bool] = lambda: False) -> int | None:
    """Sequences what is committed, batch by batch, each in a transaction; returns how many events, or None when another
    sequencer is at work. Raises Inconsistent, after an alarm, when the tree was tampered with; a database that is away
    is no inconsistency."""
    done = 0
    try:
        while not stop():
            taken = _batch(limit)
            if taken is None:
                return done or None
            done += taken
            if taken < limit:
                break
    except (Inconsistent, Torn, IntegrityError) as trouble:
        code = (
            trouble.code if isinstance(trouble, Inconsistent) else "tiles" if isinstance(trouble, Torn) else "database"
        )
        raise_alarm(code)
        raise Inconsistent(code) from trouble
    return done


def raise_alarm(code: str) -> None:
    """Loud, and kept until a run ends well."""
    logger.critical("the sequencer of the log has stopped: %s", code)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE processing_log_treestate SET alarm = %s, alarm_at = portal_now()", [code])


@transaction.atomic
def _batch(limit: int) -> int | None:
    with connection.cursor() as cursor:
        # By the index of transactions: whoever reads all that waits and sorts it, does so again for each batch.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            return None
        place = _place(cursor)
        edge = Edge.read(place.size)
        if edge.root() != place.root:
            raise Inconsistent("root")
        leaves = _take(cursor, place, limit)
        if leaves:
            edge.append([merkle.leaf_hash(data) for data in leaves])
            edge.write()
        _remember(cursor, place, edge, is_last=len(leaves) < limit)
    return len(leaves)


def _place(cursor: Any) -> Place:
    cursor.execute(
        "SELECT size, root, after_transaction::text, after_event, cluster, c.system_identifier,"
        " pg_snapshot_xmin(pg_current_snapshot())::text, (SELECT max(index) FROM processing_log_leaf)"
        " FROM processing_log_treestate, pg_control_system() c"
    )
    size, root, after, event, known, cluster, oldest, last = cursor.fetchone()
    if last not in (None, size - 1):
        raise Inconsistent("indices")
    return Place(
        size=size, root=bytes(root), after=after, event=event, cluster=cluster, oldest=oldest,
        is_new_cluster=known not in (0, cluster),
    )  # fmt: skip


def _take(cursor: Any, place: Place, limit: int) -> list[bytes]:
    which = _ALL_THERE_IS if place.is_new_cluster else _SETTLED
    values = {"size": place.size, "limit": limit, "after": place.after, "event": place.event, "oldest": place.oldest}
    cursor.execute(_TAKE.format(which=which), values)
    leaves = sorted((index, bytes(data)) for index, data in cursor.fetchall())
    if [index for index, _data in leaves] != list(range(place.size, place.size + len(leaves))):
        raise Inconsistent("indices")
    return [data for _index, data in leaves]


def _remember(cursor: Any, place: Place, edge: Edge, *, is_last: bool) -> None:
    after, event, cluster = place.after, place.event, place.cluster
    if place.is_new_cluster:
        # What is below the oldest transaction was there to be taken; what comes is above it.
        after, event, cluster = (place.oldest, 0, cluster) if is_last else (after, event, -1)
    elif edge.size > place.size:
        cursor.execute(_LAST, [edge.size - 1])
        after, event = cursor.fetchone()
    cursor.execute(
        "UPDATE processing_log_treestate SET size = %s, root = %s, after_transaction = %s::xid8, after_event = %s,"
        " cluster = %s, sequenced_at = portal_now() WHERE size = %s",
        [edge.size, edge.root(), after, event, cluster, place.size],
    )
    if cursor.rowcount != 1:
        raise Inconsistent("size")
