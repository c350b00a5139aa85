"""Places that hold something of a person and that no foreign key leads to: counters, caches, tables by token.

A room above registers its place in its AppConfig.ready(); destruction empties it in the same transaction as the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Counting(Protocol):
    def __call__(self, subject_ids: Sequence[UUID], /) -> int:
        """How many entries of these people there are (or were)."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """`erase` is called while the people's rows are still there, inside processing("retention"). It must be able to
    run twice, and afterwards `count` must answer 0."""

    name: str
    count: Counting
    erase: Counting


_stores: dict[str, Store] = {}


def register(store: Store) -> None:
    _stores[store.name] = store


def registered() -> tuple[Store, ...]:
    return tuple(_stores.values())
