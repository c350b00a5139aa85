"""Few among many. Behind row security PostgreSQL asks no index about what an array holds. So what is looked for by
categories is found by the portal, as far as question and mandate say, and seen by the auditor as always."""

from typing import Final

from django.db import connection
from django.db.models import QuerySet

from processing_log.filters import LogFilter
from processing_log.models import Event
from processing_log.scopes import PAGE_SECONDS, patience

#: Where more match, whoever goes through the log meets some soon.
RARE: Final = 20_000

_KEYS: Final = """
WITH matching AS MATERIALIZED ({events} LIMIT %s), counted AS (SELECT count(*) AS number FROM matching)
SELECT number, id, at FROM counted
LEFT JOIN LATERAL (SELECT id, at FROM matching WHERE number <= %s ORDER BY at DESC, id DESC LIMIT %s) k ON true
"""


def among(wanted: LogFilter, events: QuerySet[Event], most: int) -> QuerySet[Event]:
    """`events` are those of `wanted`, or some of them; what comes back holds the newest `most` of them and, without
    a search by categories, all others: it is to be asked in the auditor's eyes. Raises TooMuch."""
    if not (wanted.within and wanted.asks_for_categories):
        return events
    statement, params = events.order_by().values_list("id", "at").query.sql_with_params()
    with patience(PAGE_SECONDS), connection.cursor() as cursor:
        cursor.execute(_KEYS.format(events=statement), [*params, RARE + 1, RARE, most])
        rows = cursor.fetchall()
    if rows[0][0] > RARE:
        return events
    found = {number: at for _count, number, at in rows if number is not None}
    if not found:
        return events.filter(pk=0)
    return events.filter(pk__in=list(found), at__gte=min(found.values()), at__lte=max(found.values()))
