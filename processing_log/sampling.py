"""A sample that is fair and that anybody can draw again.

Each entry of the log gets a rank, SHA-256 of three lines: the name of this way, a seed, the entry's index. The sample
are the entries with the lowest ranks among those that are asked for. The seed is the root of a checkpoint, which nobody
can choose without writing the log anew, and a word of the auditor's, which the operator did not know when it was
signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.db import connection

from processing_log import notes
from processing_log.filters import LogFilter
from processing_log.models import Checkpoint
from processing_log.scopes import PAGE_SECONDS, eyes

WAY: Final = "operator-portal/sample@v1"
MOST: Final = 500

_DRAWN: Final = (
    "SELECT l.index, l.event_id, l.event_at,"
    " encode(sha256(convert_to(%s::text || l.index || E'\\n', 'UTF8')), 'hex') AS rank, count(*) OVER () AS of"
    " FROM ({events}) e JOIN processing_log_leaf l ON l.event_id = e.id AND l.event_at = e.at"
    " WHERE l.index < %s ORDER BY rank LIMIT %s"
)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    index: int
    event_id: int
    rank: str


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`population` is how many entries it was drawn from."""

    checkpoint: Checkpoint
    word: str
    drawn: Sequence[Drawn]
    population: int

    @property
    def root(self) -> str:
        return notes.to_base64(bytes(self.checkpoint.root))


def rank(index: int, *, root: bytes, word: str) -> str:
    return sha256(f"{prefix(root, word)}{index}\n".encode()).hexdigest()


def prefix(root: bytes, word: str) -> str:
    return f"{WAY}\n{notes.to_base64(root)}{' ' if word else ''}{word}\n"


def draw(
    wanted: LogFilter, checkpoint: Checkpoint, *, number: int, word: str = "", seconds: int = PAGE_SECONDS
) -> Sample:
    """Of the entries below the checkpoint. Raises TooMuch."""
    events, params = wanted.events().values_list("id", "at").query.sql_with_params()
    beginning = prefix(bytes(checkpoint.root), word)
    asked: list[Any] = [beginning, *params, checkpoint.size, min(number, MOST)]
    with eyes(wanted.within, seconds=seconds), connection.cursor() as cursor:
        cursor.execute(_DRAWN.format(events=events), asked)
        rows = cursor.fetchall()
    drawn = [Drawn(index=index, event_id=event_id, rank=rank) for index, event_id, _at, rank, _of in rows]
    return Sample(checkpoint=checkpoint, word=word, drawn=drawn, population=rows[0][4] if rows else 0)
