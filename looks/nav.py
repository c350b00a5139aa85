"""The sections of a person's own pages, in the order they are shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Section:
    """`url` is the public address: rooms are named by it here, so that the floor of the looks needs to know none."""

    url: str
    title: str | Promise
    icon: str
    apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Link(Section):
    current: bool


SECURITY: Final = Section(url="/me/sessions/", title=_("Sessions and security"), icon="key")
ME_SECTIONS: Final = (
    Section(url="/me/", title=_("My data"), icon="home"),
    Section(url="/me/profile/", title=_("Profile"), icon="user"),
    Section(url="/me/consents/", title=_("Consents"), icon="consent"),
    Section(url="/me/requests/", title=_("Requests"), icon="request"),
    Section(url="/me/log/", title=_("Who opened my data"), icon="eye"),
    SECURITY,
    Section(url="/me/subscription/", title=_("Subscription"), icon="subscription"),
    Section(url="/me/download/", title=_("Take a copy"), icon="download"),
    Section(url="/me/delete/", title=_("Delete my account"), icon="trash", apart=True),
)
#: allauth's own pages (password, second factor, address) are reached from "Sessions and security".
SECURITY_PAGES: Final = "/accounts/"


def me_links(request: HttpRequest) -> Iterator[Link]:
    """The sections that this portal has; the one that holds the page asked for is marked."""
    sections = [section for section in ME_SECTIONS if _exists(section.url)]
    here = _section_of(request.path, sections)
    for section in sections:
        yield Link(
            url=section.url,
            title=section.title,
            icon=section.icon,
            apart=section.apart,
            current=section is here,
        )


def _section_of(path: str, sections: list[Section]) -> Section | None:
    if path.startswith(SECURITY_PAGES):
        return SECURITY
    holding = [section for section in sections if path.startswith(section.url)]
    return max(holding, key=lambda section: len(section.url), default=None)


def _exists(url: str) -> bool:
    try:
        resolve(url)
    except Resolver404:
        return False
    return True
