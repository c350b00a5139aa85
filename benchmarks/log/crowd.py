"""Events of a year, as many as are asked for. What an auditor or a person looks for is as much of it at any size: the
log of a larger operator holds more people, not more about each."""

from typing import Any, Final
from uuid import UUID

import psycopg

PERSON_EVENTS: Final = 100
PEOPLE_EVENTS: Final = 1200
RARE_EVENTS: Final = 100
CLERK: Final = "5b0e6c1a-0000-4000-8000-000000000001"
RARE_ACTOR: Final = "rare_job"

_FILL: Final = """
INSERT INTO processing_log_event (at, actor_kind, actor_id, operation, fact, subject, categories, purpose, basis,
    system, reason, context, db_role)
SELECT now() - interval '1 year' * ((%(number)s - n)::float8 / %(number)s),
    CASE WHEN people THEN 'staff' WHEN n %% 4 = 0 THEN 'system' ELSE 'user' END,
    CASE WHEN people THEN %(clerk)s WHEN rare THEN %(rare_actor)s WHEN n %% 4 = 0 THEN 'send_mail'
        ELSE (md5((n %% 100000)::text)::uuid)::text END,
    CASE WHEN rare THEN 'destroy' WHEN people THEN 'extract'
        ELSE (ARRAY['use', 'extract', 'clarify', 'store'])[n %% 4 + 1] END,
    CASE WHEN rare THEN 'bench_rare' ELSE '' END,
    CASE WHEN own THEN %(person)s ELSE md5((n %% 1000003)::text)::uuid END,
    CASE WHEN rare THEN '{bench_category}'
        ELSE (ARRAY['{email}', '{name}', '{email,name}', '{phone}'])[n %% 4 + 1]::text[] END,
    CASE WHEN rare THEN 'bench_purpose' WHEN people THEN 'rights' ELSE (ARRAY['account', 'mailings'])[n %% 2 + 1] END,
    '6.1.5', 'Operator Portal', CASE WHEN rare THEN '2026-000077' ELSE '' END, md5((n / 2)::text)::uuid, 'portal_app'
FROM (SELECT n, n %% (%(number)s / %(people)s) = 1 AS people, n %% (%(number)s / %(own)s) = 2 AS own,
    n %% (%(number)s / %(rare)s) = 3 AS rare FROM generate_series(%(first)s::bigint, %(last)s) n) e
"""
AT_ONCE: Final = 1_000_000
#: Made anew afterwards: row by row they cost four times as much.
_INDEXES: Final = """SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'processing_log_event' AND indexdef NOT LIKE '%UNIQUE%'"""


def fill(connection: psycopg.Connection[Any], number: int, person: UUID) -> None:
    connection.execute("SELECT processing_log_make_partitions((current_date - interval '13 months')::date, 17)")
    asked = {
        "number": number, "person": person, "clerk": CLERK, "rare_actor": RARE_ACTOR, "people": PEOPLE_EVENTS,
        "own": PERSON_EVENTS, "rare": RARE_EVENTS,
    }  # fmt: skip
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _made_by in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
    for first in range(1, number + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, number)
        connection.execute(_FILL.encode(), {**asked, "first": first, "last": last})
    connection.execute("SET maintenance_work_mem = '512MB'")
    for _name, made_by in indexes:
        connection.execute(made_by.replace(" ON ONLY ", " ON ").encode())
