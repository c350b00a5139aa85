"""The two forms in which cookies are chosen, as values. The template draws nothing that is not here, and the hash is of
exactly this: labels, their order, what is ticked, the language."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cookies.models import CookieChoice
from cookies.registry import Registry, canonical, sha256_of
from cookies.state import State
from profiles.schema import CookieGroup
from profiles.wording import Language

REFUSE: Final = "refuse"
ACCEPT: Final = "accept"
SAVE: Final = "save"
LANGUAGES: Final[tuple[Language, ...]] = ("ru", "en")


@dataclass(frozen=True, kw_only=True)
class Button:
    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A group of cookies in the form. `is_ticked` is the visitor's own earlier yes, never a proposal."""

    code: str
    title: str
    description: str
    is_optional: bool
    is_ticked: bool


@dataclass(frozen=True, kw_only=True)
class _Content:
    """`about` is the version of the registry behind the words: the same words may come to stand for more."""

    form: str
    about: str
    language: str
    heading: str
    text: str
    link: str
    buttons: tuple[Button, ...]
    by_group: str
    groups: tuple[Line, ...]
    save: Button


@dataclass(frozen=True, kw_only=True)
class Screen(_Content):
    @cached_property
    def content(self) -> str:
        return canonical(asdict(self))

    @cached_property
    def sha256(self) -> str:
        return sha256_of(self.content)


def banner(registry: Registry, language: Language) -> Screen:
    with translation.override(language):
        return Screen(
            form=CookieChoice.Method.BANNER.value,
            about=registry.version,
            language=language,
            heading=_("Cookies: your choice"),
            text=_(
                "The portal works with necessary cookies alone. Everything else is switched off until you allow it, "
                "and you can take that back at any time."
            ),
            link=_("All cookies and your choice"),
            buttons=_buttons(),
            by_group=pgettext("cookies", "Choose by category"),
            groups=tuple(_line(group, frozenset(), language) for group in registry.groups.values()),
            save=Button(value=SAVE, label=pgettext("cookies", "Save my choice")),
        )


def page(registry: Registry, language: Language, accepted: frozenset[str]) -> Screen:
    with translation.override(language):
        return Screen(
            form=CookieChoice.Method.PAGE.value,
            about=registry.version,
            language=language,
            heading=_("Your choice"),
            text=_(
                "A new choice takes the place of the old one at once. What you refuse is removed from your browser."
            ),
            link="",
            buttons=_buttons(),
            by_group=pgettext("cookies", "Choose by category"),
            groups=tuple(_line(group, accepted, language) for group in registry.groups.values()),
            save=Button(value=SAVE, label=pgettext("cookies", "Save my choice")),
        )


def find(sha256: str, registry: Registry, state: State) -> Screen | None:
    """The form of today with this hash that this visitor can have seen. A page that was long in a cache may show an
    older one: that is none."""
    return next((screen for screen in _all(registry, state) if screen.sha256 == sha256), None)


def _all(registry: Registry, state: State) -> Iterator[Screen]:
    for language in LANGUAGES:
        yield banner(registry, language)
        for accepted in {state.accepted, frozenset[str]()}:
            yield page(registry, language, accepted)


def _buttons() -> tuple[Button, ...]:
    return (
        Button(value=REFUSE, label=pgettext("cookies", "Refuse all")),
        Button(value=ACCEPT, label=pgettext("cookies", "Accept all")),
    )


def _line(group: CookieGroup, accepted: frozenset[str], language: Language) -> Line:
    return Line(
        code=group.code,
        title=group.title.in_language(language),
        description=group.description.in_language(language),
        is_optional=group.is_optional,
        is_ticked=group.code in accepted,
    )
