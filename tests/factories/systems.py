"""Other systems, and their questions: through Django's test client, and as the web server asks."""

import io
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from wsgiref.types import WSGIApplication

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from law import clock
from personal_data.models import Subject, SubjectKind
from processing_log.actors import Actor
from profiles import current
from systems.services import NewKey, make_key
from tests.factories.personal_data import LONG_AGO, make_subject

ADDRESS = "/api/v1/may/"


def make_system(
    *,
    name: str = "crm",
    purposes: Collection[str] = ("ads", "account"),
    per_minute: int = 1_000,
    expires_at: datetime | None = None,
    at: datetime = LONG_AGO,
) -> NewKey:
    until = expires_at or clock.now() + timedelta(days=30)
    return make_key(
        name=name, purposes=purposes, per_minute=per_minute, expires_at=until, actor=Actor.system("test"), at=at
    )


def system_of_all_purposes() -> NewKey:
    return make_system(name="all", purposes=list(current().purposes), per_minute=100_000)


def ask(body: Any, *, key: str = "", language: str = "en", **more: Any) -> Any:
    """What the page answers."""
    headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {key}"} if key else {})
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client().post(ADDRESS, text, content_type="application/json", headers=headers, **more)


def ask_server(application: WSGIApplication, body: Any, *, key: str, **more: Any) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body, as the web server gets them."""
    text = json.dumps(body).encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": ADDRESS,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_HOST": "testserver",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(text),
        "wsgi.errors": io.StringIO(),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(text)),
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "HTTP_ACCEPT_LANGUAGE": "en",
        **more,
    }
    answered: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        answered[:] = [status, dict(headers)]

    with _connection_kept():
        found = application(environ, start_response)
        content = b"".join(found)
        getattr(found, "close", lambda: None)()
    return answered[0], answered[1], content


@contextmanager
def _connection_kept() -> Iterator[None]:
    """As Django's test client does: else a request would close the connection that the test has its rows on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def make_subject_in(*, kind: SubjectKind, blocked: bool, destroyed: bool, consents: bool) -> Subject:
    """A subject as it stands in the vault, whatever brought it there."""
    subject = make_subject(kind=kind)
    if consents:
        for purpose in current().purposes.values():
            if purpose.needs_consent:
                subject.open_purpose(purpose.code)
    if blocked:
        subject.block(at=LONG_AGO)
    if destroyed:
        Subject.objects.filter(pk=subject.pk).update(wrapped_key=None, destroyed_at=LONG_AGO)
    return subject
