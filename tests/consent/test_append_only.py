"""As superuser in psql: what is published or entered once does not change."""

import psycopg
import pytest

from consent.models import LedgerEntry
from consent.receipts.triggers import RECEIPTS
from consent.triggers import APPEND_ONLY, PROOF
from tests.factories.consent import make_acknowledgement, make_consent, publish
from tests.factories.personal_data import make_subject

ONE_CHOICE = """
INSERT INTO consent_disseminationchoice (entry_id, subject_id, category, decision, conditions)
VALUES (%s, %s, 'email', 'banned', '{}')
"""
FIRST_COLUMN = "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("table", [*APPEND_ONLY, *PROOF, *RECEIPTS])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_database_refuses_to_change(table, statement, as_superuser):
    publish()
    subject = make_subject()
    make_acknowledgement(subject_id=subject.pk)
    entry = make_consent(subject_id=subject.pk)
    as_superuser.execute(ONE_CHOICE, [entry.pk, subject.pk])
    column = as_superuser.execute(FIRST_COLUMN, [table]).fetchone()[0]

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is append-only"):
        as_superuser.execute(statement.format(table, column, column))

    assert LedgerEntry.objects.count() == 1
