"""What a rule keeps of people whom it anonymises. They are destroyed like everybody else: rows, files, key. What stays
is a count, keyed by what many have in common; nothing sealed is opened for it, and no row is about anybody.

The methods have the names of the rules on depersonalisation (Roskomnadzor's Order 140 of 2025, before it Order 996):
changing the composition, and aggregation (transformation).
"""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection

from retention.models import Anonymisation

#: method → (the period of arrival, the period of leaving), as PostgreSQL names them
_PERIODS: Final = {
    Anonymisation.COMPOSITION.value: ("date_trunc('quarter', s.created_at AT TIME ZONE %(zone)s)::date", "quarter"),
    Anonymisation.AGGREGATION.value: ("NULL::date", "year"),
}
_KEEP: Final = """
INSERT INTO retention_anonymouscount AS kept (method, rule, subject_kind, arrived_in, left_in, people)
SELECT %(method)s, %(rule)s, l.kind, {arrived}, date_trunc('{left}', %(at)s AT TIME ZONE %(zone)s)::date, count(*)
FROM retention_leaving l JOIN vault.personal_data_subject s ON s.id = l.subject
GROUP BY 3, 4, 5 ORDER BY 3, 4
ON CONFLICT (method, rule, subject_kind, arrived_in, left_in) DO UPDATE SET people = kept.people + excluded.people
"""


def keep_count(method: str, *, rule: str, at: datetime) -> None:
    """Of the batch that is on its way out, in its transaction."""
    arrived, left = _PERIODS[method]
    values: dict[str, str | datetime] = {"method": method, "rule": rule, "at": at, "zone": settings.OPERATOR_TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP.format(arrived=arrived, left=left), values)
