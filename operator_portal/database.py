"""How the portal reaches PostgreSQL: as `portal_app`, and for `migrate` alone as the owner of the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import environ
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from environ.fileaware_mapping import FileAwareMapping

OWNER_URL: Final = "DATABASE_OWNER_URL"
POOL_SIZE: Final = 8
SESSION: Final = "-c search_path=public,vault -c timezone=UTC"


def connection_settings(url: str, *, pool: bool = False) -> dict[str, Any]:
    """An entry of DATABASES. A folder of sockets is written as libpq has it: `postgres://user:word@/name?host=/folder`."""
    settings: dict[str, Any] = environ.Env.db_url_config(url)
    options = {"prepare_threshold": 5, **settings.get("OPTIONS", {}), "options": SESSION}
    if pool:
        options["pool"] = {"min_size": 1, "max_size": POOL_SIZE}
    host = options.pop("host", settings["HOST"])
    return {**settings, "HOST": host, "OPTIONS": options, "CONN_HEALTH_CHECKS": True}


@contextmanager
def as_owner(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """The connection of this thread becomes the owner's for a while: only to change tables, never to serve anyone."""
    url = str(FileAwareMapping(cache=False).get(OWNER_URL, "")).strip()
    if not url:
        raise ImproperlyConfigured(
            f"{OWNER_URL} is not set (nor {OWNER_URL}_FILE): tables belong to portal_owner, and the role of "
            "DATABASE_URL may not change them."
        )
    connection = connections[alias]
    usual = connection.settings_dict
    connection.close()
    connection.settings_dict = {**usual, **connection_settings(url)}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = usual
