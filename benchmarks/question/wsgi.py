"""The portal's own application, and beside it the one that answers a constant."""

from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.wsgi import get_wsgi_application

from operator_portal.client_address import HiddenClient
from operator_portal.wsgi import application as portal

CONSTANT: Final = "/constant/"


def _constant() -> WSGIApplication:
    from benchmarks.question.constant import Constant

    return HiddenClient(Constant(get_wsgi_application()), trusted_proxies=0, keeps_visit_data=lambda: False)


constant = _constant()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if environ["PATH_INFO"] != CONSTANT:
        return portal(environ, start_response)
    environ["PATH_INFO"] = "/api/v1/may/"
    return constant(environ, start_response)
