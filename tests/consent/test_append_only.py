"""As superuser in psql: what is published or entered once does not change."""

import psycopg
import pytest

from consent.models import LedgerEntry
from consent.triggers import APPEND_ONLY
from tests.factories.consent import make_acknowledgement, make_consent, publish
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET sha256 = repeat('0', 64)", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_database_refuses_to_change(table, statement, as_superuser):
    publish()
    subject = make_subject()
    make_acknowledgement(subject_id=subject.pk)
    make_consent(subject_id=subject.pk)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is append-only"):
        as_superuser.execute(statement.format(table))

    assert LedgerEntry.objects.count() == 1
