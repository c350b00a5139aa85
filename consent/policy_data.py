"""The policy as data, for programs and for whoever wants to compare the portal with its promises."""

from typing import Any

from consent.models import PolicyVersion
from processing_log.operations import Operation
from profiles import current
from profiles.documents import PolicyText
from profiles.schema import Operator
from profiles.wording import Text


def policy_as_data(row: PolicyVersion) -> dict[str, Any]:
    profile = current()
    version = row.document
    return {
        "operator": operator_as_data(profile.operator),
        "services": list(profile.scope_hosts),
        "jurisdiction": "RU",
        "version": version.number,
        "effective": version.effective_on.isoformat(),
        "updated": version.updated_on.isoformat(),
        "published": row.published_at.isoformat(),
        "master_language": "ru",
        "sha256": {"ru": row.sha256, "en": row.sha256_en},
        "actions": list(Operation.values),
        "categories": list(profile.categories),
        "purposes": list(profile.purposes),
        "texts": {"ru": _text_as_data(version.ru), "en": _text_as_data(version.en)},
    }


def operator_as_data(operator: Operator) -> dict[str, Any]:
    return {
        "name": in_both(operator.name),
        "short_name": in_both(operator.short_name),
        "inn": operator.inn,
        "ogrn": operator.ogrn,
        "address": in_both(operator.address),
        "email": operator.email,
        "website": operator.website,
        "responsible": {"title": in_both(operator.responsible.title), "email": operator.responsible.email},
    }


def in_both(text: Text) -> dict[str, str]:
    return {"ru": text.ru, "en": text.en}


def _text_as_data(text: PolicyText) -> dict[str, Any]:
    return {
        "title": text.title,
        "sections": [
            {
                "number": section.number,
                "heading": section.heading,
                "clauses": [
                    {
                        "number": clause.number,
                        "parts": [part.model_dump(exclude_defaults=True) for part in clause.parts],
                    }
                    for clause in section.clauses
                ],
            }
            for section in text.sections
        ],
    }
