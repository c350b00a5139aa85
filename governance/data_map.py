"""The register of processing, from the profile and from the models themselves: what is promised and what is there."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.utils import translation

from consent import suppression
from consent.policy_data import in_both, operator_as_data
from consent.selectors import newest_policy
from personal_data import data_map
from processing_log.operations import Operation
from profiles import current
from profiles.schema import Profile, Purpose, RetentionRule


def held_fields() -> list[dict[str, str]]:
    """Every sealed column of the portal with its category; there is no other place for a personal value."""
    return [
        {"field": f"{holding.model._meta.label_lower}.{field.name}", "category": field.category}
        for holding in data_map.holdings()
        for field in holding.fields
    ]


def data_map_as_data() -> dict[str, Any]:
    profile = current()
    policy = newest_policy()
    return {
        "operator": operator_as_data(profile.operator),
        "role": "operator",
        "system": profile.system_name,
        "services": list(profile.scope_hosts),
        "policy": {"version": policy.number, "sha256": policy.sha256} if policy else None,
        "telemetry": list(profile.telemetry),
        "categories": {code: _category(profile, code) for code in profile.categories},
        "fields": [
            {
                "code": field.code,
                "category": field.category,
                "required": field.required,
                "verification": field.verification,
                "source": "self",
                "label": in_both(field.label),
                "consequence_of_removal": in_both(field.consequence),
            }
            for field in profile.fields
        ],
        "held": held_fields(),
        "outliving": [_in_both_languages(suppression.declared)],
        "purposes": {code: _purpose(purpose) for code, purpose in profile.purposes.items()},
        "without_personal_data": [
            {"code": row.code, "title": in_both(row.title), "clauses": list(row.clauses), "how": in_both(row.how)}
            for row in profile.without_data
        ],
        "retention": [_retention(rule) for rule in profile.retention],
        "recipients": {code: _recipient(profile, code) for code in profile.recipients},
        "cross_border": False,
    }


def _in_both_languages(declare: Callable[[], suppression.Declared]) -> dict[str, dict[str, str]]:
    by_language = {}
    for language in ("ru", "en"):
        with translation.override(language):
            by_language[language] = asdict(declare())
    return {key: {language: by_language[language][key] for language in by_language} for key in by_language["ru"]}


def _category(profile: Profile, code: str) -> dict[str, Any]:
    category = profile.categories[code]
    return {
        "title": in_both(category.title),
        "protection_class": category.protection_class,
        "source": in_both(category.source),
        "seen_by": in_both(category.seen_by),
        "purposes": [purpose.code for purpose in profile.purposes_of(code)],
        "retention": [rule.code for rule in profile.retention_of(code)],
    }


def _purpose(purpose: Purpose) -> dict[str, Any]:
    return {
        "title": in_both(purpose.title),
        "description": in_both(purpose.description),
        "clauses": list(purpose.clauses),
        "basis": purpose.basis.value,
        "basis_note": in_both(purpose.basis_note),
        "needs_consent": purpose.needs_consent,
        "consent": _consent(purpose) if purpose.needs_consent else None,
        "subjects": sorted(purpose.subject_kinds),
        "categories": sorted(purpose.categories),
        "operations": [operation.value for operation in sorted(purpose.operations, key=_place)],
        "method": purpose.method.value,
        "works_on_blocked": purpose.works_on_blocked,
        "advertising": purpose.advertising,
        "recipients": sorted(purpose.recipients),
    }


def _consent(purpose: Purpose) -> dict[str, Any]:
    return {"confirmation": purpose.confirmation, "form": purpose.form, "dissemination": purpose.dissemination}


def _retention(rule: RetentionRule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "trigger": rule.trigger,
        "amount": rule.amount,
        "unit": rule.unit,
        "action": rule.action,
        "law_rule": rule.law_rule,
        "title": in_both(rule.title),
        "norm": in_both(rule.norm),
        "subjects": sorted(rule.subject_kinds),
        "categories": sorted(rule.categories),
    }


def _recipient(profile: Profile, code: str) -> dict[str, Any]:
    recipient = profile.recipients[code]
    return {
        "title": in_both(recipient.title),
        "role": recipient.role,
        "country": recipient.country,
        "categories": sorted(recipient.categories),
        "what": in_both(recipient.what),
        "why": in_both(recipient.why),
        "website": recipient.website,
        "purposes": [purpose.code for purpose in profile.purposes.values() if code in purpose.recipients],
    }


def _place(operation: str) -> int:
    """The thirteen verbs in the order of the law."""
    return list(Operation.values).index(operation)
