"""A sample that is fair and that anybody can draw again.

The seed is the root of a checkpoint, which nobody can choose without writing the log anew, and a word of the auditor's,
which the operator did not know when it was signed. Where up to FEW entries match what is asked for, each gets a rank,
SHA-256 of three lines: the name of this way, the seed, the entry's index; the sample are the lowest ranks. Where more
match, it is drawn in turns, because nobody reads a whole log for a page: turn n leads to the entry whose index is the
SHA-256 of the same lines with "draw n" as the third, modulo the size of the checkpoint; the sample are the first
different entries that match."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from processing_log import finding, notes
from processing_log.filters import LogFilter
from processing_log.models import Checkpoint, Event
from processing_log.scopes import PAGE_SECONDS, TooMuch, eyes

WAY: Final = "operator-portal/sample@v2"
MOST: Final = 500
FEW: Final = 5_000
TURNS_AT_ONCE: Final = 20_000
#: So many events say that more than FEW are below the checkpoint, if no more than the rest are not.
ENOUGH: Final = FEW + 1_000

_COUNT: Final = "SELECT count(*) FROM ({events} LIMIT %s) e"
_IN_TREE: Final = "SELECT count(*) FROM (SELECT FROM ({events}) e {leaf} LIMIT %s) m"
# By key, entry for entry: the planner must not get the idea of joining two whole tables.
_PERIOD: Final = (
    "event_at >= COALESCE(%s, '-infinity'::timestamptz) AND event_at < COALESCE(%s, 'infinity'::timestamptz)"
)
_LEAF: Final = f"""
JOIN LATERAL (SELECT index, event_id FROM processing_log_leaf WHERE event_id = e.id AND event_at = e.at AND index < %s
    AND {_PERIOD} LIMIT 1) l ON true
"""  # noqa: S608
_LOWEST: Final = (
    "SELECT l.index, l.event_id, encode(sha256(convert_to(%s::text || l.index || E'\\n', 'UTF8')), 'hex') AS rank,"
    " count(*) OVER () FROM ({events}) e {leaf} ORDER BY rank LIMIT %s"
)
_AT_INDICES: Final = f"""
SELECT l.index, l.event_id FROM processing_log_leaf l JOIN LATERAL (SELECT FROM ({{events}}) x
    WHERE x.id = l.event_id AND x.at = l.event_at LIMIT 1) e ON true
WHERE l.index = ANY (%s) AND {_PERIOD}
"""  # noqa: S608
# What the tree does not hold yet: by the place of the sequencer, as long as it counts the transactions of this cluster.
_OUTSIDE: Final = """
SELECT size - %s + (SELECT count(*) FROM (SELECT FROM processing_log_event e WHERE (e.transaction_id, e.id) >
    (SELECT after_transaction, after_event FROM processing_log_treestate) LIMIT %s) e)
FROM processing_log_treestate, pg_control_system() c WHERE cluster = c.system_identifier
"""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """`turn` is None where the lowest ranks were taken."""

    index: int
    event_id: int
    rank: str
    turn: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`population` is how many entries it was drawn from, None when they are more than FEW."""

    checkpoint: Checkpoint
    word: str
    drawn: Sequence[Drawn]
    population: int | None

    @property
    def root(self) -> str:
        return notes.to_base64(bytes(self.checkpoint.root))

    def __str__(self) -> str:
        """As it stands in a ZIP: the lines of the seed, the size, and each entry with its turn."""
        lines = [f"{each.index} {'-' if each.turn is None else each.turn}\n" for each in self.drawn]
        return f"{prefix(bytes(self.checkpoint.root), self.word)}{self.checkpoint.size}\n{''.join(lines)}"


def rank(what: int | str, *, root: bytes, word: str) -> str:
    """Of an entry, by its index, or of a turn."""
    return sha256(f"{prefix(root, word)}{what}\n".encode()).hexdigest()


def prefix(root: bytes, word: str) -> str:
    return f"{WAY}\n{notes.to_base64(root)}{' ' if word else ''}{word}\n"


def draw(
    wanted: LogFilter, checkpoint: Checkpoint, *, number: int, word: str = "", seconds: int = PAGE_SECONDS
) -> Sample:
    """Of the entries below the checkpoint. Raises TooMuch."""
    until = time.monotonic() + seconds if wanted.within else None
    number, seed = min(number, MOST), prefix(bytes(checkpoint.root), word)
    events = finding.among(wanted, wanted.events(), ENOUGH)
    with eyes(wanted.within, seconds=seconds):
        matching = _matching(events)
    if matching > FEW:
        events = wanted.events()
        is_many = matching - _outside(checkpoint.size) > FEW
        with eyes(wanted.within, seconds=seconds):
            if is_many or _in_tree(wanted, events, checkpoint.size) > FEW:
                drawn = _in_turns(wanted, checkpoint.size, number=number, seed=seed, until=until)
                return Sample(checkpoint=checkpoint, word=word, drawn=drawn, population=None)
    with eyes(wanted.within, seconds=seconds):
        drawn, population = _lowest(wanted, events, checkpoint.size, number=number, seed=seed)
    return Sample(checkpoint=checkpoint, word=word, drawn=drawn, population=population)


def _matching(events: QuerySet[Event]) -> int:
    """Whether they are in the tree or not, up to ENOUGH."""
    statement, params = _keys(events)
    ((found,),) = _fetch(_COUNT.format(events=statement), [*params, ENOUGH])
    return int(found)


def _outside(size: int) -> int:
    """No fewer than there are events without an entry below `size`."""
    rows = _fetch(_OUTSIDE, [size, ENOUGH])
    return int(rows[0][0]) if rows else ENOUGH


def _in_tree(wanted: LogFilter, events: QuerySet[Event], size: int) -> int:
    """Up to one more than FEW."""
    statement, params = _keys(events)
    ((found,),) = _fetch(_IN_TREE.format(events=statement, leaf=_LEAF), [*params, size, *wanted.period, FEW + 1])
    return int(found)


def _lowest(
    wanted: LogFilter, events: QuerySet[Event], size: int, *, number: int, seed: str
) -> tuple[list[Drawn], int]:
    statement, params = _keys(events)
    asked = [seed, *params, size, *wanted.period, number]
    rows = _fetch(_LOWEST.format(events=statement, leaf=_LEAF), asked)
    drawn = [Drawn(index=index, event_id=event_id, rank=rank) for index, event_id, rank, _all in rows]
    return drawn, int(rows[0][-1]) if rows else 0


def _in_turns(wanted: LogFilter, size: int, *, number: int, seed: str, until: float | None) -> list[Drawn]:
    """Ends, because more than FEW match. Raises TooMuch after `until`."""
    statement, params = _keys(wanted.events())
    begins = sha256(seed.encode())
    drawn: dict[int, Drawn] = {}
    first, many = 0, 4 * number
    while len(drawn) < number:
        if until is not None and time.monotonic() > until:
            raise TooMuch
        turns = [_turn(begins, turn, size) for turn in range(first, first + many)]
        asked = [*params, [index for index, _rank in turns], *wanted.period]
        met = dict(_fetch(_AT_INDICES.format(events=statement), asked))
        for turn, (index, rank) in enumerate(turns, first):
            if index in met:
                drawn.setdefault(index, Drawn(index=index, event_id=met[index], rank=rank, turn=turn))
        first += many
        many = min(2 * (number - len(drawn)) * first // max(len(drawn), 1) + number, TURNS_AT_ONCE)
    return list(drawn.values())[:number]


def _turn(begins: Any, turn: int, size: int) -> tuple[int, str]:
    digest = begins.copy()
    digest.update(b"draw %d\n" % turn)
    return int.from_bytes(digest.digest()) % size, digest.hexdigest()


def _keys(events: QuerySet[Event]) -> tuple[str, tuple[Any, ...]]:
    statement, params = events.values_list("id", "at").query.sql_with_params()
    return statement, tuple(params)


def _fetch(statement: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())
