"""Numbers of acts and requests: which events they mean. The rooms that give the numbers say so, because an event holds
a number only in its reason, if at all, and no index is made for looking into it."""

from collections.abc import Callable
from typing import Final

from django.db.models import Q

Resolver = Callable[[str], Q | None]

_resolvers: Final[list[Resolver]] = []


def teach(resolver: Resolver) -> None:
    """It answers nothing for what is no number of its own."""
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def events_of(number: str) -> Q:
    known = [found for resolver in _resolvers if (found := resolver(number)) is not None]
    if not known:
        return Q(reason__contains=number)
    any_of = known[0]
    for found in known[1:]:
        any_of |= found
    return any_of
