"""The databases of this room that are not the portal's own connection, each named by a variable of the environment."""

from typing import Any, Final

import environ
from django.db import connection
from environ.fileaware_mapping import FileAwareMapping

from backups.errors import Refused

#: who may read everything and write nothing: role portal_backup
BACKUP: Final = "BACKUP_DATABASE_URL"
#: who may make tables: role portal_owner
OWNER: Final = "DATABASE_OWNER_URL"
#: an empty database of its own, for drills: role portal_drill
DRILL: Final = "DRILL_DATABASE_URL"


def url(variable: str) -> str:
    """Empty where it is not set."""
    return str(FileAwareMapping(cache=False).get(variable, "")).strip()


def named(variable: str) -> dict[str, Any]:
    """As an entry of DATABASES. Raises Refused where it is not set."""
    given = url(variable)
    if not given:
        raise Refused(f"{variable} is not set (nor {variable}_FILE)")
    parts: dict[str, Any] = environ.Env.db_url_config(given)
    usual = connection.settings_dict
    options = {**usual["OPTIONS"], **(parts.pop("OPTIONS", None) or {})}
    options.pop("pool", None)
    host = options.pop("host", parts["HOST"])
    return {**usual, **parts, "HOST": host, "OPTIONS": options}
