"""What a consent was a consent to, as the profile said it that day: kept, because the profile of tomorrow says another
thing."""

from typing import Any, Final

from django.conf import settings

from consent.receipts.rows import ReceiptTerms
from consent.receipts.verify_receipt import canonical
from processing_log.operations import Operation
from profiles import current
from profiles.documents import sha256
from profiles.schema import Operator, Profile, Purpose
from profiles.wording import Text

FORMAT: Final = "operator-portal/receipt-terms/1"
_UNITS: Final = {"calendar_days": "P{}D", "working_days": "P{}D", "months": "P{}M"}


def of_today(purpose: str) -> ReceiptTerms | None:
    """The row for the profile in use. None when it does not know the purpose any more."""
    profile = current()
    if purpose not in profile.purposes:
        return None
    content = canonical(_content(profile, profile.purposes[purpose])).decode()
    row = ReceiptTerms(sha256=sha256(content), content=content)
    ReceiptTerms.objects.bulk_create([row], ignore_conflicts=True)
    return row


def _content(profile: Profile, purpose: Purpose) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "site": settings.BASE_URL,
        "system": profile.system_name,
        "operator": _operator(profile.operator),
        "purpose": {
            "code": purpose.code,
            "title": _both(purpose.title),
            "advertising": purpose.advertising,
            "operations": [operation.value for operation in Operation if operation in purpose.operations],
        },
        "categories": [_category(profile, code) for code in sorted(purpose.categories)],
        "recipients": [_recipient(profile, code) for code in sorted(purpose.recipients)],
        "storage": _storage(profile, purpose),
    }


def _operator(operator: Operator) -> dict[str, Any]:
    return {
        "name": _both(operator.name),
        "inn": operator.inn,
        "ogrn": operator.ogrn,
        "address": _both(operator.address),
        "email": operator.email,
    }


def _category(profile: Profile, code: str) -> dict[str, Any]:
    category = profile.categories[code]
    asked = [field.required for field in profile.fields if field.category == code]
    return {
        "code": code,
        "title": _both(category.title),
        "class": category.protection_class,
        "required": any(asked) or not asked,
    }


def _recipient(profile: Profile, code: str) -> dict[str, Any]:
    recipient = profile.recipients[code]
    return {"code": code, "title": _both(recipient.title), "role": recipient.role, "country": recipient.country}


def _storage(profile: Profile, purpose: Purpose) -> list[dict[str, str]]:
    """How long what this purpose uses is kept, after which event."""
    terms = {
        (rule.trigger, _UNITS[rule.unit].format(rule.amount))
        for rule in profile.retention
        if rule.categories & purpose.categories and rule.subject_kinds & purpose.subject_kinds
    }
    return [{"after": trigger, "term": term} for trigger, term in sorted(terms)]


def _both(text: Text) -> dict[str, str]:
    return {"ru": text.ru, "en": text.en}
