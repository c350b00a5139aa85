"""After a restore nobody is served until everybody who was destroyed is gone again.

Closed are the pages, the tasks and `/readyz` while the mark of a restore lies in PORTAL_HOME, and also when a database
was put back past us: the last lines of the ledger name somebody who lives. `manage.py restore --finish` opens it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from time import monotonic
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.db import DatabaseError, connection

from retention import ledger

RESTORING: Final = "restoring"
NOT_REPLAYED: Final = "ledger_not_replayed"
#: what answers all the same, for those who run the portal
ALWAYS: Final = ("/healthz", "/static/")
_LOOK_AGAIN_SECONDS: Final = {True: 60.0, False: 2.0}
_LIVING: Final = "SELECT EXISTS (SELECT FROM personal_data_subject WHERE id = ANY(%s) AND destroyed_at IS NULL)"
_PAGE: Final = """<!doctype html><html lang="ru"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>503</title>
<h1>Портал восстанавливается</h1>
<p>Данные возвращены из резервной копии. Портал откроется, когда всё, что было уничтожено, будет уничтожено снова.</p>
<h1 lang="en">The portal is being restored</h1>
<p lang="en">Data was brought back from a backup. The portal opens when everything that was destroyed is
destroyed again.</p></html>
"""


class Closed(Exception):
    """Nothing is done until the restore is finished."""


class _Memory:
    """When the ledger was last compared, of which state of it, and whether it fitted."""

    looked_at = 0.0
    of: tuple[str, int] = ("", 0)
    fits = True


_memory: Final = _Memory()


def mark() -> Path:
    return Path(settings.PORTAL_HOME) / "restoring.json"


def close(backup: str) -> None:
    """From now on, in all processes."""
    part = mark().with_suffix(".part")
    with part.open("w") as file:
        json.dump({"backup": backup}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(mark())


def open_again() -> None:
    mark().unlink(missing_ok=True)
    forget()


def forget() -> None:
    _memory.of = ("", 0)


def reason() -> str:
    """A code; empty when the portal may serve."""
    if mark().exists():
        return RESTORING
    return "" if _ledger_fits() else NOT_REPLAYED


def _ledger_fits() -> bool:
    path = ledger.path()
    try:
        found = (str(path), path.stat().st_size)
    except OSError:
        return True
    fresh = monotonic() - _memory.looked_at < _LOOK_AGAIN_SECONDS[_memory.fits]
    if _memory.of[0] != found[0] or not fresh:
        _memory.fits = _compare()
        _memory.of, _memory.looked_at = found, monotonic()
    return _memory.fits


def _compare() -> bool:
    from law import clock  # the gate is imported before the models are
    from retention import replaying_parts

    try:
        with connection.cursor() as cursor:
            cursor.execute(_LIVING, [ledger.newest()])
            (has_living,) = cursor.fetchone() or (False,)
        return not (has_living or replaying_parts.brought_back(clock.now()))
    except DatabaseError:
        return True  # a database that is away, or not migrated yet, serves nobody anyway


class Gate:
    """The layer of the web process that answers 503 to everything while the portal is closed."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(ALWAYS) or not (code := reason()):
            return self._application(environ, start_response)
        kind, body = _answer(path, code)
        headers = [
            ("Content-Type", kind), ("Content-Length", str(len(body))), ("Retry-After", "60"),
            ("Cache-Control", "no-store"), ("Content-Security-Policy", "default-src 'none'"),
        ]  # fmt: skip
        start_response("503 Service Unavailable", headers)
        return [body]


def _answer(path: str, code: str) -> tuple[str, bytes]:
    if path == "/readyz":
        return "application/json", json.dumps({"restore": code}).encode()
    if path.startswith("/api/"):
        problem = {"type": "about:blank", "status": 503, "title": "Service Unavailable"}
        return "application/problem+json", json.dumps(problem).encode()
    return "text/html; charset=utf-8", _PAGE.encode()
