"""Few among many: what is looked for by categories is found by an index, and seen as far as the mandate goes."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from law import clock
from processing_log import finding, mandates, selectors
from processing_log.filters import LogFilter
from processing_log.models import Event
from processing_log.scopes import Scope, TooMuch, eyes, patience
from processing_log.selectors import Position
from tests.factories.mandates import make_mandate
from tests.factories.processing_log import make_event

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["by the index", "one by one"])
def way(request, monkeypatch):
    if request.param == "one by one":
        monkeypatch.setattr(finding, "RARE", 0)


def scope(**limits) -> Scope:
    return mandates.scope_of(make_mandate(auditor=uuid4(), **limits))


def numbers(wanted: LogFilter, **more) -> list[int]:
    return [event.pk for event in selectors.page_of_events(wanted, **more).events]


def test_search_by_category_shows_the_newest_page_by_page(way):
    made = [make_event(categories=("moon", "name") if number % 3 else ("name",)) for number in range(12)]
    moons = [event.pk for event in reversed(made) if "moon" in event.categories]
    wanted = LogFilter(category="moon", within=scope())

    first = selectors.page_of_events(wanted, size=5)
    assert [event.pk for event in first.events] == moons[:5]
    assert numbers(wanted, before=first.older, size=5) == moons[5:]
    last = made[1]
    assert numbers(wanted, before=Position(at=last.at, id=last.pk)) == []
    assert selectors.counts(wanted).total == len(moons)


def test_search_for_a_category_that_nobody_has_finds_nothing(way):
    make_event()
    wanted = LogFilter(category="moon", within=scope())

    assert numbers(wanted) == []
    assert selectors.counts(wanted).total == 0


def test_mandate_of_categories_is_a_search_by_them(way):
    inside = make_event(categories=("moon",))
    make_event(categories=("name",))

    assert numbers(LogFilter(within=scope(categories=("moon", "sun")))) == [inside.pk]
    assert numbers(LogFilter(category="name", within=scope(categories=("moon", "sun")))) == []


def test_what_was_found_is_not_seen_beyond_the_mandate_and_not_at_all_when_it_has_ended(way):
    """As if the narrowing of questions were lost: the database's own rule is left."""
    inside = make_event(categories=("moon",), operation="use")
    make_event(categories=("moon",), operation="destroy")
    narrow = scope(operations=("use",))
    wide = LogFilter(category="moon", within=Scope(mandate=narrow.mandate, since=narrow.since))

    assert numbers(wide) == [inside.pk]
    assert selectors.counts(wide).total == 1
    mandates.end(mandate_id=narrow.mandate, how="early", by=uuid4(), at=clock.now())
    assert numbers(wide) == []
    assert selectors.counts(wide).total == 0


def test_search_by_category_asks_the_index_where_row_security_would_not_let_it():
    make_event(categories=("moon",))
    within = scope()
    events = LogFilter(category="moon", within=within).events()
    statement, params = events.values_list("id", "at").query.sql_with_params()

    def plan() -> str:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {statement}", params)
            return "\n".join(line for (line,) in cursor.fetchall())

    with patience(10):
        assert "Index Cond: (categories @> '{moon}'::text[])" in plan()
    with eyes(within):
        assert "Index Cond: (categories" not in plan()


def test_patience_ends_and_leaves_everything_as_it_was():
    def settings() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('statement_timeout'), current_setting('enable_seqscan'),"
                " current_setting('enable_indexscan'), current_user"
            )
            return cursor.fetchone()

    before = settings()
    with patience(5):
        assert settings() == ("5s", "off", "off", "portal_app")
    assert settings() == before
    with pytest.raises(TooMuch), patience(1):
        connection.cursor().execute("SELECT pg_sleep(5)")


def test_search_in_a_period_stays_in_it(way):
    event = make_event(categories=("moon",))

    assert numbers(LogFilter(category="moon", since=event.at + timedelta(seconds=1), within=scope())) == []
    assert Event.objects.filter(categories__contains=["moon"]).count() == 1
