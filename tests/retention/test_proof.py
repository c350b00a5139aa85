from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection

from processing_log.models import Event
from retention import proof
from retention.destruction import destroy_due
from retention.models import Destruction
from tests.factories.retention import make_clock

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2021, 3, 1, 9, tzinfo=UTC)


def destroyed(started_at: datetime) -> Destruction:
    clock = make_clock(started_at=started_at)
    destroy_due(clock.due_at)
    return Destruction.objects.get(subject=clock.subject_id)


def test_proof_is_destroyed_after_three_years_and_not_before() -> None:
    nearly = datetime.now(UTC) - timedelta(days=3 * 365 + 30 - 5)
    old, young = destroyed(LONG_AGO), destroyed(nearly)

    assert [proof.forget_old_proof(), proof.forget_old_proof()] == [1, 0]

    assert [record.pk for record in Destruction.objects.all()] == [young.pk]
    assert old.pk != young.pk
    assert Event.objects.filter(fact="destruction_proof_destroyed").count() == 1


def test_application_may_not_delete_even_an_old_proof_by_hand() -> None:
    destroyed(LONG_AGO)

    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM retention_destruction")
