from uuid import UUID

import pytest

from notifications import addresses


class AddressBook(dict[tuple[UUID, str], str]):
    """What accounts does in the portal: looks up where a person's mail goes."""

    def address_of(self, subject_id: UUID, token: str) -> str | None:
        return self.get((subject_id, token))


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> AddressBook:
    book = AddressBook()
    monkeypatch.setattr(addresses, "_resolvers", [book.address_of])
    return book
