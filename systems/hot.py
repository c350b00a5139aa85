"""The commonest question, ahead of Django: one person, one purpose, a good key, an answer.

It decides nothing of its own. Whatever is not plainly that, and whatever has to be refused, goes to the page behind
(`api.py`), body and all. Headers are those that Django's middleware gave to an answer before: to the same host, by the
same scheme, in the same language. So a host that Django does not serve, or an address that it sends to HTTPS, is never
answered here, and no header of security can be forgotten.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from uuid import UUID
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import DatabaseError, connection

from law import clock
from profiles import current
from systems import answers, asked, keys, question
from systems.meter import meter

logger = logging.getLogger(__name__)

ADDRESS: Final = "/api/v1/may/"
LONGEST: Final = 512  # bytes; a plain question has about a hundred
KNOWN_PLACES: Final = 64
_TELLING: Final = ("wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT")

Place = tuple[str | None, ...]
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """How Django answered there."""

    headers: Headers
    language: str


class HotQuestion:
    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._known: dict[Place, Known] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != ADDRESS or not _is_plain(environ):
            return self._application(environ, start_response)
        place = tuple([environ.get(name) for name in _TELLING])
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        known = self._known.get(place)
        answer = self.answer(environ.get("HTTP_AUTHORIZATION", ""), body, known.language) if known else None
        if known and answer is not None:
            start_response("200 OK", [*known.headers, ("Content-Length", str(len(answer)))])
            return [answer]
        environ["wsgi.input"] = BytesIO(body)
        return self._application(environ, self._learning(place, start_response))

    def answer(self, authorization: str, body: bytes, language: str) -> bytes | None:
        """None for whatever the page behind has to see."""
        try:
            wanted = asked.read_plain(json.loads(body))
        except ValueError:
            return None
        digest = keys.digest_in(authorization)
        if wanted is None or digest is None:
            return None
        code, subject = wanted
        purpose, at = current().purposes.get(code), clock.now()
        known = _ask(digest, code, subject, at) if purpose else None
        if purpose is None or known is None or known.standing is None or not known.may_ask:
            return None
        if not meter.admit(UUID(known.key_id), known.per_minute, 1, at):
            return None
        verdict = question.judge(purpose, subject, known.standing)
        return answers.written(answers.one(answers.words_for(purpose, language), verdict, subject, at))

    def _learning(self, place: Place, start_response: StartResponse) -> StartResponse:
        def learn(status: str, headers: Headers, *more: Any) -> Any:
            if status.startswith("200 ") and len(self._known) < KNOWN_PLACES:
                self._learn(place, headers)
            return start_response(status, headers, *more)

        return learn

    def _learn(self, place: Place, headers: Headers) -> None:
        given = {name.lower(): value for name, value in headers}
        language = given.get("content-language")
        if language and not given.keys() & {"set-cookie", "content-encoding"}:
            kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
            self._known[place] = Known(kept, language)


def _is_plain(environ: WSGIEnvironment) -> bool:
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == "application/json"
        and length.isdecimal()
        and 0 < int(length) <= LONGEST
        and not environ.get("HTTP_COOKIE")
        and not environ.get("QUERY_STRING")
    )


def _ask(digest: str, purpose: str, subject: UUID, at: datetime) -> question.Known | None:
    """The connection stays with the thread from one question to the next; a page that comes between gives it back. A
    connection that broke in the meantime is dropped, and the page behind asks again with a new one."""
    try:
        return question.ask_one(digest, purpose, subject, at)
    except DatabaseError:
        logger.info("a question is asked again")
        connection.close()
        return None
