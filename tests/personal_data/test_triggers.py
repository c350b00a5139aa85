"""What PostgreSQL refuses, whoever connects."""

import psycopg
import pytest

from personal_data import checks, triggers
from tests.factories.personal_data import make_specimen

REFUSED = psycopg.errors.InsufficientPrivilege


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE specimens_specimen SET name = NULL",
        "UPDATE specimens_specimen SET number = 1",
        "DELETE FROM specimens_specimen",
        "TRUNCATE specimens_specimen",
        "SET session_replication_role = replica; UPDATE specimens_specimen SET name = NULL",
        "DELETE FROM vault.personal_data_subject",
        "UPDATE vault.personal_data_subject SET kind = 'staff'",
    ],
)
def test_database_refuses_the_superuser_an_undeclared_change(as_superuser, statement):
    make_specimen(name="Анна")
    with pytest.raises(REFUSED):
        as_superuser.execute(statement)


def test_database_refuses_to_bring_a_destroyed_subject_back(as_superuser):
    subject = make_specimen(name="Анна").subject_id
    key = as_superuser.execute(
        "SELECT wrapped_key FROM vault.personal_data_subject WHERE id = %s", [subject]
    ).fetchone()[0]
    as_superuser.execute("UPDATE vault.personal_data_subject SET wrapped_key = NULL, destroyed_at = now()")
    with pytest.raises(REFUSED, match="destroyed"):
        as_superuser.execute("UPDATE vault.personal_data_subject SET destroyed_at = NULL, wrapped_key = %s", [key])


def test_database_refuses_to_move_a_row_to_another_subject(as_superuser):
    first, second = make_specimen(name="Анна"), make_specimen(name="Яна")
    as_superuser.execute(
        "SELECT set_config('portal.' || n, 'x', false) FROM unnest(ARRAY['actor_id','purpose','basis','system']) n"
    )
    as_superuser.execute("SELECT set_config('portal.actor_kind', 'system', false)")
    as_superuser.execute("SELECT set_config('portal.context', gen_random_uuid()::text, false)")
    with pytest.raises(REFUSED, match="keeps its id and its subject"):
        as_superuser.execute(
            "UPDATE specimens_specimen SET subject_id = %s WHERE id = %s", [second.subject_id, first.pk]
        )


@pytest.mark.django_db
def test_the_application_is_neither_owner_nor_superuser():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("portal_app", False, False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_the_check_finds_a_trigger_that_is_missing_switched_off_or_changed(as_superuser):
    assert checks.every_trigger_is_installed(None, databases=["default"]) == []

    as_superuser.execute("ALTER TABLE specimens_specimen DISABLE TRIGGER sealed_update")
    as_superuser.execute("DROP TRIGGER sealed_delete ON specimens_specimen")
    as_superuser.execute(
        "CREATE OR REPLACE FUNCTION specimens_specimen_insert() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NULL; END'"
    )
    found = [message.msg for message in checks.every_trigger_is_installed(None, databases=["default"])]
    assert found == [
        f"trigger function specimens_specimen_{name} is missing or not current"
        for name in ("insert", "update", "delete")
    ]


def test_every_sealed_table_gets_its_triggers():
    names = set(triggers.expected_bodies())
    assert {"accounts_profile_insert", "accounts_mailaddress_update", "specimens_specimen_delete"} <= names
