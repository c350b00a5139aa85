"""What every page knows: whose portal this is, where it runs, how it is to look. No query is made here."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

import profiles
from looks.theme import theme_of


@dataclass(frozen=True, kw_only=True)
class OperatorCard:
    """The operator's card in the reader's language."""

    name: str
    short_name: str
    address: str
    email: str
    inn: str
    ogrn: str


@dataclass(frozen=True, kw_only=True)
class Portal:
    operator: OperatorCard
    theme: str
    demo: bool
    base_url: str


def portal(request: HttpRequest) -> dict[str, object]:
    return {"portal": SimpleLazyObject(lambda: _portal(request))}


def _portal(request: HttpRequest) -> Portal:
    return Portal(
        operator=_operator(get_language() or settings.LANGUAGE_CODE),
        theme=theme_of(request),
        demo=settings.DEMO,
        base_url=settings.BASE_URL,
    )


def _operator(language: str) -> OperatorCard:
    operator = profiles.current().operator
    return OperatorCard(
        name=operator.name.in_language(language),
        short_name=operator.short_name.in_language(language),
        address=operator.address.in_language(language),
        email=operator.email,
        inn=operator.inn,
        ogrn=operator.ogrn,
    )
