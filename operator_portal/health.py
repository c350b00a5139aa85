"""What those who run the portal ask it: is it alive, is it ready, and whom to tell about a hole."""

from datetime import timedelta

import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from access.rules import open_to_all
from backups import gate
from law import clock
from operator_portal import broker
from personal_data import installation
from personal_data.errors import PersonalDataError
from processing_log import partitions, selectors
from profiles import current as current_profile


@open_to_all
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@open_to_all
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """503 as long as one answer is not "ok"; the answers are codes."""
    answers = {
        "database": _database(),
        "keyring": _keyring(),
        "log": _log(),
        "broker": _broker(),
        "restore": gate.reason() or "ok",
    }
    status = 200 if set(answers.values()) == {"ok"} else 503
    return JsonResponse(answers, status=status)


@open_to_all
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116."""
    lines = [
        f"Contact: mailto:{current_profile().operator.email}",
        f"Expires: {(clock.now() + timedelta(days=180)).strftime('%Y-%m-%dT00:00:00Z')}",
        "Preferred-Languages: ru, en",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _keyring() -> str:
    try:
        installation.ensure_keyring_fits(DEFAULT_DB_ALIAS)
    except PersonalDataError as error:
        return error.code
    except DatabaseError:
        return "unknown"
    return "ok"


def _log() -> str:
    """Next month must have its partition, or the log, and with it every act, would stop; and what was entered must be
    in the tree, under a signature, before long."""
    try:
        next_month = (clock.now().date().replace(day=1) + timedelta(days=32)).replace(day=1)
        if partitions.last_month_ready() < next_month:
            return "no_partition"
        return selectors.trouble_of_the_tree() or "ok"
    except DatabaseError:
        return "unknown"


def _broker() -> str:
    try:
        with broker.client() as client:
            client.ping()
    except redis.RedisError:
        return "unreachable"
    return "ok"
