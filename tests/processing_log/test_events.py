from datetime import date
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from processing_log import events, partitions
from processing_log.actors import Actor, ActorKind
from processing_log.events import Declaration, Entry
from processing_log.models import Event

pytestmark = pytest.mark.django_db

BY_STAFF = Declaration(
    actor=Actor(kind=ActorKind.STAFF, id="s-1"), purpose="rights", basis="6.1.2", system="Portal", context=uuid4()
)


def test_append_writes_all_entries_with_one_statement(django_assert_num_queries):
    subject = uuid4()
    with django_assert_num_queries(1):
        events.append(BY_STAFF, [
            Entry(operation="extract", subject=subject, categories=("email", "name"), reason="2026-000001"),
            Entry(fact="log_exported"),
        ])  # fmt: skip

    read, exported = Event.objects.order_by("id")
    assert (read.subject, read.categories, read.reason) == (subject, ["email", "name"], "2026-000001")
    assert (exported.subject, exported.categories, exported.fact) == (None, [], "log_exported")
    assert {read.db_role, exported.db_role} == {"portal_app"}


def test_what_was_done_with_many_people_is_one_entry_and_an_event_for_each(django_assert_num_queries):
    subjects = [uuid4() for _ in range(3)]
    with django_assert_num_queries(1):
        events.append(BY_STAFF, [
            Entry(operation="extract", subjects=subjects, categories=("name",)),
            Entry(fact="log_exported"),
        ])  # fmt: skip

    found = Event.objects.order_by("id").values_list("subject", "operation", "categories")
    assert list(found) == [*((subject, "extract", ["name"]) for subject in subjects), (None, "", [])]


def test_append_of_nothing_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        events.append(BY_STAFF, [])


def test_an_event_is_not_saved_by_hand():
    with pytest.raises(TypeError):
        Event().save()


@pytest.mark.parametrize("entry", [Entry(), Entry(operation="look")])
def test_database_refuses_an_event_that_says_nothing_or_no_verb(entry):
    with pytest.raises(Exception, match="event_"), transaction.atomic():
        events.append(BY_STAFF, [entry])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE processing_log_event SET reason = 'x'",
        "DELETE FROM processing_log_event",
        "TRUNCATE processing_log_event",
        "INSERT INTO processing_log_event (db_role) VALUES ('somebody')",
        "INSERT INTO processing_log_event (at) VALUES ('2020-01-01')",
    ],
)
def test_database_refuses_the_application_to_change_or_forge(statement):
    events.append(BY_STAFF, [Entry(fact="log_exported")])
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET reason = 'x'",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "SET session_replication_role = replica; DELETE FROM {table}",
        "SET session_replication_role = replica; TRUNCATE {table}",
    ],
)
@pytest.mark.parametrize("through_the_partition", [False, True])
def test_database_refuses_the_superuser_to_change_events(as_superuser, statement, through_the_partition):
    events.append(BY_STAFF, [Entry(fact="log_exported")])
    partition = as_superuser.execute("SELECT tableoid::regclass::text FROM processing_log_event").fetchone()[0]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        as_superuser.execute(statement.format(table=partition if through_the_partition else "processing_log_event"))
    assert Event.objects.count() == 1


def test_partitions_are_made_ahead_and_once():
    ahead = date(2031, 11, 15)
    assert partitions.make_partitions(first=ahead, months=3) == 4
    assert partitions.make_partitions(first=ahead, months=3) == 0
    assert partitions.last_month_ready() == date(2032, 2, 1)


def test_the_application_cannot_touch_a_partition_past_its_parent():
    month = partitions.last_month_ready()
    for statement in ("SELECT * FROM {}", "DELETE FROM {}", "DROP TABLE {}"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(f"processing_log_event_{month:%Y_%m}"))
