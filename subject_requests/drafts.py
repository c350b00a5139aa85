"""The first words of an answer, in the language in which the person asked. Staff write on from there."""

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subject_requests.kinds import RequestKind
from subject_requests.models import Request


def answer_to(filed: Request) -> str:
    with translation.override(filed.language):
        match RequestKind(filed.kind):
            case RequestKind.ACCESS:
                return _access()
            case RequestKind.DESTRUCTION:
                return _destruction(filed)


def _access() -> str:
    return _(
        "We process your personal data. On your own page you see all of it: each value, why and on what basis we "
        "process it, from whom it came, until when it is kept and who may see it.\n\n"
        "%(page)s\n\n"
        "You can take the same away as a file: %(download)s"
    ) % {"page": f"{settings.BASE_URL}/me/", "download": f"{settings.BASE_URL}/me/download/"}


def _destruction(filed: Request) -> str:
    return _(
        "We have blocked your data and will destroy it by %(day)s at the latest. The proof of destruction is kept for "
        "three years and holds no data of yours."
    ) % {"day": date_format(filed.due_on, "j E Y")}
