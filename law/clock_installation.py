"""Whether the database's clock can be moved: decided anew by every `migrate`, from settings.DEMO.

In a real portal `portal_now()` is the time and nothing else (it costs nothing where it fills a column), and the
application has no right to write the shift. In a demo the function adds the shift and the application may set it."""

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.db import connections

_COMMENT: Final = "COMMENT ON FUNCTION public.portal_now() IS 'the time of the statement; in a demo moved forward'"

REAL_CLOCK: Final = """
CREATE OR REPLACE FUNCTION public.portal_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN pg_catalog.statement_timestamp()
"""
# Names are qualified, so the function means the same whatever search_path the caller has.
_DEMO_CLOCK: Final = """
CREATE OR REPLACE FUNCTION public.portal_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+)
        coalesce((SELECT moved.shift FROM public.law_clockshift AS moved), interval '0')
"""
_FOR_A_DEMO: Final = (_DEMO_CLOCK, "GRANT INSERT, UPDATE ON law_clockshift TO {role}")
_FOR_A_REAL_PORTAL: Final = (
    REAL_CLOCK,
    "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON law_clockshift FROM {role}",
    "DELETE FROM law_clockshift",
)


def settle(*, using: str, **kwargs: Any) -> None:
    """Runs as the owner of the tables. Takes away what a former demo has left."""
    connection = connections[using]
    role = connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.law_clockshift') IS NOT NULL")
        if cursor.fetchone() == (True,):  # not migrated back to before this room
            for statement in _statements():
                cursor.execute(statement.format(role=role))


def _statements() -> Iterator[str]:
    yield from _FOR_A_DEMO if settings.DEMO else _FOR_A_REAL_PORTAL
    yield _COMMENT
