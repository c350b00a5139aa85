"""Fixtures over the shared services. They are imported by tests/conftest.py, because only a conftest is asked before
pytest-django, whose way to a test database needs rights that the application does not have."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from operator_portal.testing import browser
from operator_portal.testing.databases import SlotDatabase
from operator_portal.testing.embedded import services, slot
from operator_portal.testing.running import RunningPortal


@pytest.fixture(scope="session")
def slot_database(request: pytest.FixtureRequest) -> Iterator[SlotDatabase]:
    """This process's database. `--create-db` makes its template anew."""
    database = SlotDatabase(services, slot)
    database.make(anew=request.config.getvalue("create_db"))
    yield database
    database.drop()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, slot_database: SlotDatabase
) -> Iterator[None]:
    """Instead of pytest-django's: a copy of the migrated template, used as portal_app, who may not flush tables."""
    from django.db import connections
    from django.test import TransactionTestCase

    def empty(test: TransactionTestCase) -> None:
        connections.close_all()
        slot_database.empty()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(autouse=True)
def rules_of_the_profile() -> None:
    """Nobody has changed the retention rules, and no page asks the database whether somebody has."""
    from retention import in_force

    in_force.assume_profile()


@pytest.fixture(autouse=True)
def language_of_the_portal() -> Iterator[None]:
    """A request leaves its language behind in the process."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture
def as_superuser(transactional_db: None, slot_database: SlotDatabase) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the cluster's superuser, autocommit: what somebody with psql and every right can do. Tests that
    use it commit, and the database is emptied after them."""
    with slot_database.superuser() as connection:
        yield connection


@pytest.fixture
def as_table_owner(transactional_db: None, slot_database: SlotDatabase) -> Iterator[psycopg.Connection[Any]]:
    """A connection of portal_owner, autocommit."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def portal_processes() -> Iterator[RunningPortal]:
    """Not longer than a module: the worker would do the tasks that other tests only send."""
    portal = RunningPortal(slot)
    portal.start()
    yield portal
    portal.stop()


@pytest.fixture
def running_portal(transactional_db: None, portal_processes: RunningPortal) -> Iterator[RunningPortal]:
    """Gunicorn and a Celery worker on this process's database and broker: `.url`, `.mail`, `.start_beat()`."""
    portal_processes.forget_tasks()
    yield portal_processes
    portal_processes.stop_beat()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **browser.launch_options()}
