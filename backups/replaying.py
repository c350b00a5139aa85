"""What people said after a backup was made: a restore says it again before it opens. A room above that keeps such words
registers itself in its AppConfig.ready(); the words stand in a ledger of their own, outside of the database."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """`pay` writes into the ledger what is not there yet; `replay` enters what the database lacks and counts it."""

    name: str
    pay: Callable[[], None]
    replay: Callable[[], int]


_rooms: dict[str, Replayed] = {}


def register(room: Replayed) -> None:
    _rooms[room.name] = room


def registered() -> tuple[Replayed, ...]:
    return tuple(_rooms.values())
