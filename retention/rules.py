"""The retention rules in force, by what starts them."""

from collections.abc import Iterable

from django.utils.translation import get_language

import profiles
from profiles.schema import RetentionRule
from retention import in_force


class UnknownTrigger(LookupError):
    """The profile has no retention rule for this."""


class NotForThisKind(ValueError):
    """The rule is for people of another kind (users, staff)."""


def rules_for_people() -> tuple[RetentionRule, ...]:
    """The rules that end a person's data; the one about the proof of destruction is not among them."""
    return tuple(rule for rule in in_force.rules() if rule.subject_kinds)


def rule_for(trigger: str) -> RetentionRule:
    """The one that ends everything, or one purpose."""
    for rule in rules_for_people():
        if rule.trigger == trigger and not rule.purposes:
            return rule
    raise UnknownTrigger(trigger)


def keeping_for(trigger: str, subject_kind: str) -> tuple[RetentionRule, ...]:
    """Those that keep for longer what some purposes need."""
    return tuple(
        rule
        for rule in rules_for_people()
        if rule.trigger == trigger and rule.purposes and subject_kind in rule.subject_kinds
    )


def rules_of(category: str, subject_kind: str) -> tuple[RetentionRule, ...]:
    """By which the day of a category comes."""
    found = (rule for rule in rules_for_people() if category in rule.categories)
    return tuple(rule for rule in found if subject_kind in rule.subject_kinds)


def ensure_fits(rule: RetentionRule, subject_kind: str) -> None:
    if subject_kind not in rule.subject_kinds:
        raise NotForThisKind(f"{rule.code} is not for people of kind {subject_kind}")


def texts_of(code: str) -> tuple[dict[str, str], dict[str, str]]:
    """Title and norm of a rule in both languages. A rule that the profile has lost since is named by its code."""
    for rule in in_force.rules():
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


def purpose_title(code: str) -> str:
    known = profiles.current().purposes
    return words(known[code].title.model_dump()) if code in known else code
