"""What people lose by a destruction is entered in the log by PostgreSQL, whatever the code around it does."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.utils import ProgrammingError
from psycopg.errors import InsufficientPrivilege

from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.models import Event
from retention import batch, erasure
from tests.factories.personal_data import make_specimen
from tests.factories.retention import JOB, make_full_person


def destroyed() -> "QuerySet[Event]":
    return Event.objects.filter(operation="destroy").order_by("pk")


def entered() -> list[tuple[str, list[str]]]:
    return list(destroyed().values_list("fact", "categories"))


@pytest.mark.django_db(transaction=True)
def test_losses_of_all_tables_are_one_event_though_nobody_asked_for_it() -> None:
    subject_id = make_full_person()
    with processing("retention", actor=JOB, reason="a test"):
        erasure.erase([subject_id], "subject_destroyed")
        assert not destroyed().exists()
    (event,) = destroyed()
    assert (event.subject, event.fact, event.reason) == (subject_id, "subject_destroyed", "a test")
    assert event.categories == ["correspondence", "email", "name", "request"]


@pytest.mark.django_db(transaction=True)
def test_losses_that_are_undone_are_not_in_the_log() -> None:
    subject_id = make_full_person()
    with pytest.raises(ZeroDivisionError), processing("retention", actor=JOB):
        erasure.erase([subject_id])
        raise ZeroDivisionError
    assert not destroyed().exists()
    assert Subject.objects.get(pk=subject_id).destroyed_at is None


@pytest.mark.django_db(transaction=True)
def test_each_noting_of_a_transaction_is_entered_with_its_own_people_and_fact() -> None:
    first, second = make_full_person(), make_full_person()
    with processing("retention", actor=JOB):
        erasure.erase([first], "part_destroyed")
        erasure.erase([second], "subject_destroyed")
    assert list(destroyed().values_list("subject", "fact")) == [
        (first, "part_destroyed"),
        (second, "subject_destroyed"),
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_deleted_after_the_entry_is_an_event_of_its_own() -> None:
    first, second = make_specimen(name="Анна"), make_specimen(name="Яна")
    with processing("retention", actor=JOB):
        batch.note_losses("subject_destroyed")
        type(first)._base_manager.filter(pk=first.pk).delete()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        type(second)._base_manager.filter(pk=second.pk).delete()
        assert entered() == [("subject_destroyed", ["name"]), ("", ["name"])]
    assert len(entered()) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["portal_loss", "portal_losing"])
def test_the_application_cannot_take_a_noted_loss_back(table: str) -> None:
    subject_id = make_full_person()
    with pytest.raises(ProgrammingError, match="permission denied"), processing("retention", actor=JOB):
        erasure.erase([subject_id], "subject_destroyed")
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM pg_temp.{table}")


@pytest.mark.django_db(transaction=True)
def test_only_retention_may_delete_without_an_event_at_once() -> None:
    make_full_person()
    with pytest.raises(ProgrammingError, match="only what retention destroys"), processing("account", actor=JOB):
        batch.note_losses()
    with pytest.raises(ProgrammingError, match="only what retention destroys"), transaction.atomic():
        batch.note_losses()


def test_the_superuser_without_the_usual_triggers_leaves_the_events_all_the_same(as_superuser) -> None:
    specimen = make_specimen(name="Анна")
    with as_superuser.transaction():
        as_superuser.execute("SET LOCAL session_replication_role = replica")
        as_superuser.execute(
            "SELECT portal_declare('system', 'psql', 'retention', '6.1.2', 'x', 'x', %s, 'yes')", [str(uuid4())]
        )
        as_superuser.execute("SELECT portal_note_losses('')")
        as_superuser.execute("DELETE FROM specimens_specimen")
    (event,) = destroyed()
    assert (event.subject, event.actor_id, event.categories) == (specimen.subject_id, "psql", ["name"])
    with pytest.raises(InsufficientPrivilege):
        as_superuser.execute("DELETE FROM specimens_specimen; SELECT portal_note_losses('')")
