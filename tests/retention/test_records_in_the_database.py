"""What PostgreSQL refuses of the records of destruction, whoever connects."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction

from retention.destruction import destroy_due
from retention.models import Destruction
from tests.factories.personal_data import make_subject
from tests.factories.retention import (
    DUE,
    make_clock,
)

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "statement", ["UPDATE retention_destruction SET running = 7", "DELETE FROM retention_destruction"]
)
def test_database_refuses_to_change_a_record_even_to_the_superuser(
    as_superuser: psycopg.Connection[Any], statement: str
) -> None:
    make_clock()
    destroy_due(DUE)

    with pytest.raises(Exception, match="a record of destruction is never changed"):
        as_superuser.execute(statement)


def test_database_refuses_to_truncate_records_even_to_the_superuser(as_superuser: psycopg.Connection[Any]) -> None:
    with pytest.raises(Exception, match="a record of destruction is never changed"):
        as_superuser.execute("TRUNCATE retention_destruction")


@pytest.mark.django_db
def test_database_refuses_a_second_record_of_one_person() -> None:
    make_clock()
    destroy_due(DUE)

    with pytest.raises(IntegrityError, match="subject"), transaction.atomic():
        again(receipt_digest=b"another", running=2).save()


@pytest.mark.django_db
def test_database_refuses_the_record_of_a_destruction_that_did_not_happen() -> None:
    make_clock()
    destroy_due(DUE)

    with pytest.raises(IntegrityError, match="did not happen"), transaction.atomic():
        again(receipt_digest=b"another", running=2, subject=make_subject().id).save()


@pytest.mark.django_db
def test_database_refuses_the_record_of_a_destruction_that_was_early() -> None:
    make_clock()
    destroy_due(DUE)

    with pytest.raises(IntegrityError, match="destruction_is_never_early"), transaction.atomic():
        again(destroyed_at=DUE - SECOND).save()


def again(**changes: Any) -> Any:
    record = Destruction.objects.get()
    record.pk, record._state.adding = None, True
    for name, value in changes.items():
        setattr(record, name, value)
    return record
