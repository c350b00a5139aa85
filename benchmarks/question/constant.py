"""The same views without the question: everything around it, and an answer that is always the same."""

from typing import Final

from django.http import HttpResponse
from rest_framework.request import Request

from systems.api import ByKey
from systems.hot import HotQuestion

ANSWER: Final = (
    b'{"may":true,"reason":"consent","norm":"152-FZ 6.1.1","text":"The person\xe2\x80\x99s consent to this purpose is '
    b'in force.","purpose":"surveys","subject":"00000000-0000-4000-8000-000000000000",'
    b'"as_of":"2026-11-22T10:00:00.000+00:00"}'
)


class Constant(HotQuestion):
    """Knows nobody's key and reads no question: less cannot be done."""

    def answer(self, authorization: str, body: bytes, language: str) -> bytes | None:
        return ANSWER


class ConstantView(ByKey):
    """Through Django and DRF. It asks for a key, as every view there does."""

    def post(self, request: Request) -> HttpResponse:
        assert isinstance(request.data, dict)
        return HttpResponse(ANSWER, content_type="application/json")
