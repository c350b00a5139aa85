"""Settings for tools that read the code and start nothing: mypy, makemigrations --check. No server is reached."""

import os
from typing import Final

NOWHERE: Final = {
    "PORTAL_HOME": "/nonexistent/portal",
    "DATABASE_URL": "postgres://portal_app@/portal?host=/nonexistent",
    "BROKER_URL": "redis+socket:///nonexistent/broker.sock",
    "CACHE_URL": "unix:///nonexistent/broker.sock",
    "SECRET_KEY": "read by tools that check the code and run nothing of it, 1234567890",
    "KEYRING": "file:/nonexistent/keyring.json",
    "OPERATOR_PROFILE": "loyal_club",
    "EMAIL_URL": "consolemail://",
    "ALLOWED_HOSTS": "portal.example.org",
    "BASE_URL": "https://portal.example.org",
}
os.environ.update(NOWHERE)

from operator_portal.testing.settings import *  # noqa: E402, F403
