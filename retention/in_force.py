"""Which retention rules are in force: those of the profile, or, while a change of them waits, those of before."""

import hashlib
import json
from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

from django.conf import settings

import profiles
from profiles.schema import RetentionRule
from retention.standing import RuleVersion

#: A process looks again after so many seconds.
ANEW: Final = 20.0

Rules = tuple[RetentionRule, ...]


class _Memory:
    """`rules` of before a change that waits; None where the profile's are in force. Good until `until`."""

    until = 0.0
    rules: Rules | None = None


_memory = _Memory()


def rules() -> Rules:
    """Of the profile this portal runs by, unless it says something that nobody has confirmed yet."""
    before = _before()
    return profiles.current().retention if before is None else before


def forget() -> None:
    """What was read is read again."""
    _memory.until = 0.0


def assume_profile() -> None:
    """For tests: nobody has changed the rules."""
    _memory.until, _memory.rules = float("inf"), None


def _before() -> Rules | None:
    if _memory.until < monotonic():
        _memory.until, _memory.rules = monotonic() + ANEW, _read()
    return _memory.rules


def stored() -> Rules:
    """As the database has them: those of before, as long as a change waits."""
    found = _read()
    return wanted() if found is None else found


def _read() -> Rules | None:
    version = current_version()
    if version is None or version.sha256 == digest(wanted()):
        return None
    return tuple(RetentionRule.model_validate_json(json.dumps(rule)) for rule in version.rules)


def wanted() -> Rules:
    """As the operator's folder has them now."""
    return profiles.load(settings.OPERATOR_PROFILE).retention


def current_version() -> RuleVersion | None:
    return RuleVersion.objects.exclude(in_force_at=None).order_by("-number").first()


def as_data(some: Sequence[RetentionRule]) -> list[dict[str, Any]]:
    """Sets in a stable order, so that equal rules have one digest."""
    return [
        {key: sorted(value) if isinstance(value, list) and key in _SETS else value for key, value in row.items()}
        for row in (rule.model_dump(mode="json") for rule in some)
    ]


def digest(some: Sequence[RetentionRule]) -> str:
    text = json.dumps(as_data(some), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


_SETS: Final = ("subject_kinds", "categories", "purposes")
