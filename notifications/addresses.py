"""Where a person's mail goes. This room knows no accounts: the room that does registers itself here."""

from collections.abc import Callable
from uuid import UUID

#: Given a subject and a border token ("" for the address the person signs in with), the address, or None. Called
#: inside of `processing()`, for the purpose of the mail.
Resolver = Callable[[UUID, str], str | None]

_resolvers: list[Resolver] = []


def register(resolver: Resolver) -> None:
    _resolvers.append(resolver)


def address_of(subject_id: UUID, token: str) -> str | None:
    found = (resolver(subject_id, token) for resolver in _resolvers)
    return next((address for address in found if address), None)
