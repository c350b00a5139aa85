import os

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from operator_portal.database import as_owner, connection_settings


def asked(question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
        return row[0] if row else None


@pytest.mark.django_db
def test_the_application_is_neither_superuser_nor_owner_of_anything() -> None:
    assert asked("SELECT current_user") == "portal_app"
    assert (
        asked(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        is False
    )
    assert asked("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'portal_app'") == 0
    held = "SELECT array_agg(roleid::regrole::text) FROM pg_auth_members WHERE member = 'portal_app'::regrole"
    assert asked(held) == ["portal_auditor"]  # who may do less: read of the log what a mandate shows


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (id int)",
        "CREATE TABLE vault.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "TRUNCATE django_session",
        "ALTER TABLE django_session ADD COLUMN mine int",
        "ALTER TABLE django_session DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE portal_owner",
        "CREATE ROLE mine",
        "COPY django_session TO '/tmp/mine'",
    ],
)
def test_the_application_may_not(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_every_table_belongs_to_the_owner() -> None:
    owners = asked(
        "SELECT array_agg(DISTINCT pg_get_userbyid(relowner)) FROM pg_class WHERE relkind IN ('r', 'p') "
        "AND relnamespace IN ('public'::regnamespace, 'vault'::regnamespace)"
    )

    assert owners == ["portal_owner"]


@pytest.mark.django_db(transaction=True)
def test_as_owner_is_over_when_the_block_ends() -> None:
    with as_owner():
        assert asked("SELECT current_user") == "portal_owner"

    assert asked("SELECT current_user") == "portal_app"


def test_as_owner_without_its_address_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_OWNER_URL")

    with pytest.raises(ImproperlyConfigured, match="DATABASE_OWNER_URL is not set"), as_owner():
        pass


@pytest.mark.django_db(transaction=True)
def test_migrate_again_changes_nothing_and_leaves_the_application_its_role() -> None:
    call_command("migrate", verbosity=0)

    assert asked("SELECT current_user") == "portal_app"


@pytest.mark.django_db
def test_a_wrong_password_opens_nothing() -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(os.environ["DATABASE_URL"], password="guess")


def test_a_folder_of_sockets_is_the_host_and_a_pool_only_where_it_is_wanted() -> None:
    settings = connection_settings("postgres://portal_app:word@/portal?host=/run/x", pool=True)

    assert (settings["HOST"], settings["NAME"], settings["USER"]) == ("/run/x", "portal", "portal_app")
    assert settings["OPTIONS"]["pool"]["max_size"] == 8
    assert "pool" not in connection_settings("postgres://portal_app@postgres/portal")["OPTIONS"]


@pytest.mark.django_db
def test_russian_letters_are_folded_and_matched_without_icu() -> None:
    assert asked("SELECT lower('ЁЛКА ПРИВЕТ') = 'ёлка привет' AND 'Привет' ILIKE 'привет'") is True
