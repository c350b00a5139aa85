"""The deadline rules of the law, as dated data: one row is one rule in one version.

A change of the law adds a row and closes the one before it; clocks that run keep the rule they started with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from law.rules import duties, regulator, requests
from law.rules.shape import Addressee, Confidence, DeadlineRule, Extension, Kind, Unit

__all__ = [
    "PENDING_AMENDMENTS",
    "RULES",
    "VERSIONS",
    "Addressee",
    "Amendment",
    "Confidence",
    "DeadlineRule",
    "Extension",
    "Kind",
    "RuleNotInForce",
    "Unit",
    "UnknownRule",
    "rule_on",
]


class UnknownRule(KeyError):
    """No rule has this id or name."""


class RuleNotInForce(ValueError):
    """The rule exists, but not on that day."""


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """A change of the law that is published and not yet read into the rules."""

    act: str
    effective_on: date


VERSIONS: Final[tuple[DeadlineRule, ...]] = tuple(
    sorted((*requests.RULES, *duties.RULES, *regulator.RULES), key=lambda rule: (rule.id, rule.effective_from))
)
#: The newest version of each rule, by id.
RULES: Final[Mapping[str, DeadlineRule]] = MappingProxyType({rule.id: rule for rule in VERSIONS})
_IDS: Final = {**{rule.name: rule.id for rule in VERSIONS}, **{rule.id: rule.id for rule in VERSIONS}}

PENDING_AMENDMENTS: Final = (Amendment(act="200-FZ of 07.07.2025", effective_on=date(2027, 3, 1)),)


def rule_on(rule_id: str, day: date) -> DeadlineRule:
    """The version of the rule by which a clock that starts on `day` runs. Takes "D01" or "ACCESS_ANSWER"."""
    key = _IDS.get(rule_id.strip().upper())
    if key is None:
        raise UnknownRule(rule_id)
    for rule in VERSIONS:
        if rule.id == key and rule.is_effective(day):
            return rule
    raise RuleNotInForce(key, day)
