"""Places that no foreign key leads to."""

from typing import Any

import pytest

from retention import stores
from retention.destruction import destroy_due
from retention.stores import Store
from tests.factories.retention import DUE, make_clock


class Shelf:
    def __init__(self, *people: Any, sticks: bool = False) -> None:
        self.people, self.sticks = set(people), sticks

    def count(self, subject_ids: Any, /) -> Any:
        return len(self.people.intersection(subject_ids))

    def erase(self, subject_ids: Any, /) -> Any:
        found = self.count(subject_ids)
        if not self.sticks:
            self.people -= set(subject_ids)
        return found


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(shelf: Any) -> Any:
        monkeypatch.setitem(stores._stores, "a shelf", Store(name="a shelf", count=shelf.count, erase=shelf.erase))
        return shelf

    return put


@pytest.mark.django_db
def test_destruction_empties_registered_stores_and_counts_them(shelf: Any) -> None:
    gone, stays = make_clock().subject_id, "somebody else"
    found = shelf(Shelf(gone, stays))

    counted = destroy_due(DUE, dry_run=True)
    done = destroy_due(DUE)

    assert counted == done
    assert done.counts["a shelf"] == 1
    assert found.people == {stays}


@pytest.mark.django_db
def test_store_that_does_not_let_go_stops_the_destruction_of_its_person(shelf: Any) -> None:
    held, free = make_clock().subject_id, make_clock()
    shelf(Shelf(held, sticks=True))

    outcome = destroy_due(DUE)

    assert (outcome.destroyed, outcome.failed) == (1, 1)
    assert free.subject_id != held
