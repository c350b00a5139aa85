"""What every test may rely on; the servers come from operator_portal.testing.embedded."""

from operator_portal.testing.fixtures import (
    as_superuser,
    as_table_owner,
    browser_type_launch_args,
    django_db_setup,
    language_of_the_portal,
    portal_processes,
    rules_of_the_profile,
    running_portal,
    slot_database,
)

__all__ = [
    "as_superuser",
    "as_table_owner",
    "browser_type_launch_args",
    "django_db_setup",
    "language_of_the_portal",
    "portal_processes",
    "rules_of_the_profile",
    "running_portal",
    "slot_database",
]
