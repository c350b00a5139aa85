"""Triggers that refuse new rows about somebody who is destroyed, on every table that goes with its person.

Without them a transaction that began before a destruction and commits after it would leave its rows behind: foreign
keys are checked at the commit, and the person's own row stays. Each insert takes a shared lock on the person, so it
comes wholly before a destruction (which then passes the person over until the next sweep) or is refused after it.
Rows that hang on others of a person's rows need nothing: those are gone, and the foreign key refuses.
"""

from typing import Any, Final

from django.db import connections, models, transaction

from retention.erasure import destroyed_holdings

_TRIGGER: Final = """
CREATE OR REPLACE TRIGGER of_the_living AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION retention_of_the_living();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER of_the_living;
"""


def guarded_models() -> tuple[type[models.Model], ...]:
    return tuple(holding.model for holding in destroyed_holdings() if holding.depth == 1)


def install(using: str, **_: Any) -> None:
    """The post_migrate receiver; runs as the owner of the tables."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('retention_of_the_living') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return  # migrated back to before this room
        present = set(connection.introspection.table_names(cursor))
        for model in guarded_models():
            if model._meta.db_table in present:
                cursor.execute(_TRIGGER.format(table=connection.ops.quote_name(model._meta.db_table)))
