"""Tests that commit find the database as the migrations made it, whatever the test before them has done to it."""

from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from operator_portal.testing.databases import SlotDatabase
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def asked(database: SlotDatabase, query: str) -> list[Any]:
    with database.superuser() as superuser:
        return superuser.execute(query.encode()).fetchall()


def content(database: SlotDatabase) -> dict[str, list[Any]]:
    """Every row of every table, and where the sequences stand."""
    tables = asked(
        database,
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace IN"
        " (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')",
    )
    rows = {table: asked(database, f"SELECT t::text FROM {table} t ORDER BY 1") for (table,) in tables}
    return {**rows, "sequences": asked(database, "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")}


def triggers(database: SlotDatabase) -> list[Any]:
    return asked(database, "SELECT tgname, tgenabled, tgrelid FROM pg_trigger ORDER BY oid")


def number_of(database: SlotDatabase) -> list[Any]:
    return asked(database, "SELECT oid FROM pg_database WHERE datname = current_database()")


def empty(database: SlotDatabase) -> None:
    connections.close_all()
    database.empty()


@pytest.fixture
def database(slot_database):
    """Just made, so that no test before has a part in it."""
    connections.close_all()
    slot_database.make()
    return slot_database


def test_what_was_written_is_gone_and_what_was_made_is_there_again(database, as_superuser):
    made, guards, number = content(database), triggers(database), number_of(database)
    make_user()
    as_superuser.execute("DELETE FROM auth_permission WHERE id = (SELECT max(id) FROM auth_permission)")
    as_superuser.execute("UPDATE django_content_type SET model = 'other' WHERE id = 1")
    assert content(database) != made

    empty(database)

    assert content(database) == made
    assert triggers(database) == guards
    assert number_of(database) == number


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE left_behind ()",
        "DROP TRIGGER subject_guard ON vault.personal_data_subject",
        "ALTER TABLE vault.personal_data_subject DISABLE TRIGGER subject_guard",
        "GRANT TRUNCATE ON vault.personal_data_subject TO portal_app",
        "ANALYZE django_content_type",
    ],
)
def test_schema_that_was_changed_is_made_anew(database, as_superuser, change):
    guards, number = triggers(database), number_of(database)
    as_superuser.execute(change)

    empty(database)

    assert number_of(database) != number
    assert [guard[:2] for guard in triggers(database)] == [guard[:2] for guard in guards]


def test_who_is_still_connected_is_put_out(database):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with database.superuser() as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE vault.personal_data_subject IN ACCESS EXCLUSIVE MODE")

        empty(database)

        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT 1")
