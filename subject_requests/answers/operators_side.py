"""What an answer says that is the same for everybody of whom the same purposes are open: read off the profile, and made
JSON, once a process and language. What is handed out is shared: nobody changes it."""

from functools import cached_property, lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils.translation import get_language
from pydantic_core import to_json

import profiles
from accounts import selectors
from accounts.wording import article, reader_language
from personal_data.models import Subject
from processing_log.operations import Operation
from profiles.schema import Profile, Purpose, Recipient
from subject_requests.answers import rights

HOME: Final = "RU"


class _Shared:
    @cached_property
    def encoded(self) -> bytes:
        return to_json(self)


class SharedDict(_Shared, dict[str, Any]):
    """A part of many documents."""


class SharedList(_Shared, list[Any]):
    """The same."""


def encode(part: Any) -> bytes:
    """As JSON; what is shared was encoded before."""
    return part.encoded if isinstance(part, _Shared) else to_json(part)


def of(subject: Subject) -> dict[str, Any]:
    """The parts of the document by their names; `categories` is for the data and the terms."""
    return _of(get_language() or "", str(settings.OPERATOR_PROFILE), subject.kind, frozenset(subject.open_purposes))


@lru_cache(maxsize=256)
def _of(language: str, profile_name: str, kind: str, open_purposes: frozenset[str]) -> dict[str, Any]:
    """The language and the profile are those that are active; the arguments only name them."""
    profile, words = profiles.current(), reader_language()
    subject = Subject(kind=kind, open_purposes=list(open_purposes))
    recipients = list(profile.recipients.values())
    purposes = selectors.purposes_open_for(profile, subject)
    return {
        "operator": SharedDict(_operator(profile, words)),
        "purposes": SharedList(_purpose(profile, each, words) for each in purposes),
        "recipients": SharedList(_recipient(each, profile, words) for each in recipients if each.role != "processor"),
        "processors": SharedList(_recipient(each, profile, words) for each in recipients if each.role == "processor"),
        "rights": SharedDict(rights.told(profile)),
        "cross_border": SharedDict(_abroad(profile)),
        "categories": [
            {
                "code": category.code,
                "title": category.title.in_language(words),
                "source": category.source.in_language(words),
                "seen_by": category.seen_by.in_language(words),
                "rules": [
                    {"title": until.title, "norm": until.norm, "on": None}
                    for until in selectors.terms_of(profile, category, kind, None, words)
                ],
            }
            for category in profile.categories.values()
        ],
    }


def _operator(profile: Profile, words: str) -> dict[str, Any]:
    operator = profile.operator
    return {
        "name": operator.name.in_language(words),
        "short_name": operator.short_name.in_language(words),
        "address": operator.address.in_language(words),
        "inn": operator.inn,
        "ogrn": operator.ogrn,
        "email": operator.email,
        "website": operator.website,
        "responsible": operator.responsible.title.in_language(words),
        "responsible_email": operator.responsible.email,
        "system": profile.system_name,
    }


def _purpose(profile: Profile, purpose: Purpose, words: str) -> dict[str, Any]:
    return {
        "code": purpose.code,
        "title": purpose.title.in_language(words),
        "description": purpose.description.in_language(words),
        "basis": purpose.basis.value,
        "article": article(purpose.basis.value),
        "basis_note": purpose.basis_note.in_language(words),
        "by_consent": purpose.needs_consent,
        "categories": _titles(profile, purpose.categories, words),
        "method": str(purpose.method.label),
        "operations": [str(operation.label) for operation in Operation if operation in purpose.operations],
    }


def _recipient(recipient: Recipient, profile: Profile, words: str) -> dict[str, Any]:
    return {
        "title": recipient.title.in_language(words),
        "role": recipient.role,
        "country": recipient.country,
        "what": recipient.what.in_language(words),
        "why": recipient.why.in_language(words),
        "website": recipient.website,
        "categories": _titles(profile, recipient.categories, words),
    }


def _titles(profile: Profile, codes: frozenset[str], words: str) -> list[str]:
    return [category.title.in_language(words) for code, category in profile.categories.items() if code in codes]


def _abroad(profile: Profile) -> dict[str, Any]:
    """Done or planned: a recipient abroad would stand in the profile, which is what the operator plans by."""
    countries = sorted({recipient.country for recipient in profile.recipients.values()} - {HOME})
    return {"is_done": bool(countries), "is_planned": bool(countries), "countries": countries}
