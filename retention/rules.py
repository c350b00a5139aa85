"""The retention rules of the operator's profile, by what starts them."""

from collections.abc import Iterable

from django.utils.translation import get_language

import profiles
from profiles.schema import RetentionRule


class UnknownTrigger(LookupError):
    """The profile has no retention rule for this."""


class NotForThisKind(ValueError):
    """The rule is for people of another kind (users, staff)."""


def rules_for_people() -> tuple[RetentionRule, ...]:
    """The rules that end a person's data; the one about the proof of destruction is not among them."""
    return tuple(rule for rule in profiles.current().retention if rule.subject_kinds)


def rule_for(trigger: str) -> RetentionRule:
    for rule in rules_for_people():
        if rule.trigger == trigger:
            return rule
    raise UnknownTrigger(trigger)


def ensure_fits(rule: RetentionRule, subject_kind: str) -> None:
    if subject_kind not in rule.subject_kinds:
        raise NotForThisKind(f"{rule.code} is not for people of kind {subject_kind}")


def texts_of(code: str) -> tuple[dict[str, str], dict[str, str]]:
    """Title and norm of a rule in both languages. A rule that the profile has lost since is named by its code."""
    for rule in profiles.current().retention:
        if rule.code == code:
            return rule.title.model_dump(), rule.norm.model_dump()
    lost = {"ru": code, "en": code}
    return lost, lost


def words(text: dict[str, str]) -> str:
    """A text of the profile, stored with a record, in the reader's language."""
    return text.get((get_language() or "ru")[:2]) or text["ru"]


def category_titles(codes: Iterable[str]) -> tuple[str, ...]:
    """A category that the profile has lost since is named by its code."""
    known = profiles.current().categories
    return tuple(words(known[code].title.model_dump()) if code in known else code for code in codes)
