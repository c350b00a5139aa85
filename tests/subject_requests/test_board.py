import os
from datetime import timedelta
from time import perf_counter
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.roles import Role
from processing_log.actors import Actor
from subject_requests.board import Board, Bucket, board
from subject_requests.kinds import Identity, RequestKind, State
from subject_requests.models import Request, RequestClock
from tests.factories.accounts import make_user, sign_in
from tests.factories.personal_data import make_subject
from tests.factories.subject_requests import CLERK, OFFICER, RECEIVED, make_request

pytestmark = pytest.mark.django_db

#: Open requests on the board; the full number with DESK_REQUESTS=10000.
MANY: Final = int(os.environ.get("DESK_REQUESTS", "200"))
NOW = RECEIVED + timedelta(days=13)  # 3 December, the day before the term of what came on 20 November ends


def numbers(found: Board) -> dict[Bucket, list[str]]:
    return {column.bucket: [row.filed.number for row in column.rows] for column in found.columns}


def test_board_shows_each_open_request_where_its_day_puts_it():
    overdue = make_request(received_at=RECEIVED - timedelta(days=10))
    week = make_request()
    second = make_request(state=State.PROPOSED, received_at=RECEIVED)
    waiting = make_request(kind=RequestKind.AUTO_DECISION, state=State.WAITING)
    make_request(state=State.ANSWERED)

    found = board(at=NOW)

    assert numbers(found) == {
        Bucket.OVERDUE: [overdue.number],
        Bucket.TODAY: [],
        Bucket.WEEK: [week.number],
        Bucket.SECOND: [second.number],
        Bucket.WAITING: [waiting.number],
    }
    assert numbers(board(at=NOW + timedelta(days=1)))[Bucket.TODAY] == [week.number, second.number]


def test_overdue_says_how_long_and_which_fine():
    make_request(received_at=RECEIVED - timedelta(days=10), state=State.TAKEN, by=CLERK)

    row = board(at=NOW).columns[0].rows[0]

    assert row.due.days_late == 9
    assert row.fine
    assert (row.fine.lowest, row.fine.highest) == (40_000, 80_000)


def test_letters_of_nobody_in_particular_crowd_nothing_out_and_run_all_the_same():
    make_request(
        received_at=RECEIVED - timedelta(days=10), identity=Identity.NONE, actor=Actor.stranger(), text="Спам?"
    )

    found = board(at=NOW)

    assert numbers(found)[Bucket.OVERDUE] == []
    assert (found.not_established, found.not_established_overdue, found.overdue) == (1, 1, 1)


def test_board_says_who_has_what():
    make_request(state=State.TAKEN, by=CLERK)
    make_request(state=State.TAKEN, by=OFFICER, received_at=RECEIVED - timedelta(days=10))
    make_request()

    held = [(str(each.holder), each.open, each.overdue) for each in board(at=NOW).holders]

    assert held[0] == (OFFICER.id, 1, 1)
    assert sorted(held[1:]) == sorted([(CLERK.id, 1, 0), ("None", 1, 0)])


def make_many(number: int) -> None:
    """Alike, each with its clock."""
    one = make_request()
    (clock,) = one.clocks.all()
    requests = [copy_of(one, number=f"2026-9{one.number[-2:]}{place:05}") for place in range(number - 1)]
    Request.objects.bulk_create(requests, batch_size=1_000)
    RequestClock.objects.bulk_create([copy_of(clock, request=each) for each in requests], batch_size=1_000)


def copy_of(row: Any, **other: Any) -> Any:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key and field.name not in other]
    return type(row)(**{field.attname: getattr(row, field.attname) for field in fields}, **other)


def test_board_costs_as_many_queries_with_very_many_as_with_ten(client, capsys):
    """On the page the desk opens on too, which does not grow either."""
    sign_in(client, make_user(address="clerk@example.org", role=Role.STAFF))
    make_many(10)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as few:
        board(at=NOW)
    with CaptureQueriesContext(connection) as few_on_the_page:
        small = client.get("/admin/")
    make_many(MANY)

    began = perf_counter()
    with CaptureQueriesContext(connection) as more:
        found = board(at=NOW)
    counted = perf_counter()
    with CaptureQueriesContext(connection) as more_on_the_page:
        large = client.get("/admin/")
    shown = perf_counter()

    assert (len(more), len(more_on_the_page)) == (len(few), len(few_on_the_page))
    assert found.open == MANY + 10
    assert len(large.content) < len(small.content) * 1.2
    with capsys.disabled():
        if MANY > 1_000:
            print(
                f"\n{found.open} open requests: board {counted - began:.3f} s in {len(more)} queries, "
                f"page {shown - counted:.3f} s in {len(more_on_the_page)} queries, {len(large.content)} bytes "
                f"({len(small.content)} with ten)"
            )


def test_board_of_nothing_is_empty():
    make_subject()

    found = board(at=NOW)

    assert (found.open, [column.number for column in found.columns]) == (0, [0] * 5)
