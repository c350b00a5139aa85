"""Profiles with other retention rules than LOYAL CLUB's: anonymising, blocking, two purposes that need one value."""

import json
from typing import Any

import profiles
from profiles.bases import Basis
from profiles.schema import Profile, RetentionRule
from profiles.wording import Text

WORDS = Text(ru="слова", en="words")


def make_rule(code: str = "subscription_ended", **values: Any) -> RetentionRule:
    """Thirty days, destroy, for users; what is said otherwise counts."""
    given: dict[str, Any] = {
        "code": code, "trigger": "subscription_ended", "amount": 30, "unit": "calendar_days", "action": "destroy",
        "law_rule": "D12", "norm": WORDS.model_dump(), "title": WORDS.model_dump(), "subject_kinds": ["user"],
    }  # fmt: skip
    return RetentionRule.model_validate_json(json.dumps(given | values))


def profile_with(*rules: RetentionRule, **purposes: dict[str, Any]) -> Profile:
    """LOYAL CLUB's profile with these rules instead of those for the same trigger, and with purposes changed."""
    usual = profiles.current()
    triggers = {rule.trigger for rule in rules}
    kept = tuple(rule for rule in usual.retention if rule.trigger not in triggers)
    changed = {code: usual.purposes[code].model_copy(update=values) for code, values in purposes.items()}
    return usual.model_copy(update={"retention": (*kept, *rules), "purposes": {**usual.purposes, **changed}})


def with_texts_for_consents_alone() -> Profile:
    """The texts of requests are held for two consents and nothing else."""
    without = {"categories": frozenset({"email", "name", "correspondence"})}
    return profile_with(
        support=without,
        site_improvement={"categories": frozenset({"email", "request"})},
        surveys={"categories": frozenset({"email", "request"})},
    )


def with_names_needed_for_longer(months: int = 12) -> Profile:
    """The law orders to keep names for the purpose `subscription` after everything else has gone."""
    kept = make_rule("accounting", amount=months, unit="months", purposes=["subscription"], categories=["name"])
    return profile_with(
        make_rule(), kept,
        subscription={"basis": Basis.LEGAL_DUTY, "categories": frozenset({"name"})},
    )  # fmt: skip
