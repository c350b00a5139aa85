"""The receipt of one entry of the ledger: ISO/IEC TS 27560 in the words of W3C DPV, as JSON-LD.

The same entry gives the same receipt, always: what is here changes only together with the number in `PROFILE`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from consent.in_force import day_of
from consent.models import LedgerEntry
from consent.receipts import vocabulary as words
from consent.receipts.rows import ReceiptTerms

PROFILE: Final = "/ns/receipt/1"
NAMESPACE: Final = "/ns/152fz"
_AFTER: Final = {"consent_withdrawn": "withdrawal"}

Json = dict[str, Any]


def receipt_id(entry: LedgerEntry) -> str:
    return f"rcp_{entry.pk}"


def record_id(given: LedgerEntry) -> str:
    return f"cns_{given.pk}"


def document_of(entry: LedgerEntry, given: LedgerEntry, terms: ReceiptTerms) -> Json:
    """Unsigned. `given` is the entry by which the consent was given: the entry itself, or the one that it withdraws.
    Raises ValueError or KeyError when the terms can't be read."""
    said: Json = json.loads(terms.content)
    site = said["site"]
    return {
        "@context": {**words.DPV_CONTEXT, "ru": f"{site}{NAMESPACE}#"},
        "@id": f"{site}/receipts/{receipt_id(entry)}",
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": receipt_id(entry),
        "dct:conformsTo": [words.RECEIPT_PROFILE, f"{site}{PROFILE}"],
        "dct:created": moment(entry.at),
        "dct:publisher": _operator(said, given.language),
        "schema:recipient": {"@id": _person(given)},
        "dpv:hasRecordOfActivity": [_record(entry, given, said)],
        "ru:evidence": _evidence(entry, given, said, terms),
    }


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _record(entry: LedgerEntry, given: LedgerEntry, said: Json) -> Json:
    site = said["site"]
    statuses = [_status(given)] if entry == given else [_status(given), _status(entry)]
    return {
        "@id": f"{site}/consents/{record_id(given)}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": record_id(given),
        "dct:conformsTo": [words.RECORD_PROFILE],
        "dpv:hasDataSubject": {"@id": _person(given), "@type": "dpv:DataSubject"},
        "dpv:hasDataController": [{"@id": f"{site}/#operator"}],
        "dpv:hasJurisdiction": ["loc:RU"],
        "dpv:hasApplicableLaw": ["ru:152-FZ"],
        "dpv:hasNotice": [_notice(given, site)],
        "dpv:hasProcess": [_process(given, said)],
        "dpv:hasLegalBasis": ["dpv:Consent"],
        "dpv:hasConsentControl": _controls(given, site),
        "dpv:hasRight": list(words.RIGHTS),
        "dpv:hasConsentStatus": statuses,
    }


def _person(entry: LedgerEntry) -> str:
    """The pseudonymous reference: it names nobody once the person's data is destroyed."""
    return f"urn:psn:{entry.subject_id}"


def _operator(said: Json, language: str) -> Json:
    operator = said["operator"]
    return {
        "@id": f"{said['site']}/#operator",
        "@type": "dpv:DataController",
        "dpv:hasName": operator["name"][language],
        "ru:inn": operator["inn"],
        "ru:ogrn": operator["ogrn"],
        "schema:contactPoint": {"schema:email": operator["email"], "schema:address": operator["address"][language]},
    }


def _notice(given: LedgerEntry, site: str) -> Json:
    text, language = given.text, given.language
    notice: Json = {
        "@type": "dpv:ConsentNotice",
        "@id": f"{site}/privacy/consents/{text.slug}/v/{text.version}/consent.{language}.txt",
        "dct:date": text.updated_on.isoformat(),
        "dct:language": language,
        "dct:coverage": given.purpose,
        "ru:textSha256": given.sha256,
    }
    if given.served:
        notice |= {"ru:screenSha256": given.served.screen_id, "ru:servedAt": moment(given.served.at)}
    return notice


def _process(given: LedgerEntry, said: Json) -> Json:
    language, purpose = given.language, said["purpose"]
    process: Json = {
        "dpv:hasPurpose": [
            {
                "@id": f"{said['site']}/privacy/data-map/#purpose-{purpose['code']}",
                "dct:title": purpose["title"][language],
                "@type": "dpv:Marketing" if purpose["advertising"] else "dpv:Purpose",
            }
        ],
        "dpv:hasPersonalData": [_data(category, language) for category in said["categories"]],
        "dpv:hasProcessing": [words.OPERATIONS[operation] for operation in purpose["operations"]],
        "dpv:hasRecipient": [_recipient(recipient, language) for recipient in said["recipients"]],
        "dpv:hasStorageCondition": _storage(said["storage"]),
    }
    if choices := [_choice(choice) for choice in given.choices.order_by("category")]:
        process["ru:dissemination"] = choices
    return process


def _data(category: Json, language: str) -> Json:
    return {
        "@type": words.category_type(category["code"], category["class"]),
        "dct:title": category["title"][language],
        "dpv:hasNecessity": "dpv:Required" if category["required"] else "dpv:Optional",
    }


def _recipient(recipient: Json, language: str) -> Json:
    return {
        "dpv:hasName": recipient["title"][language],
        "@type": words.RECIPIENTS[recipient["role"]],
        "dpv:hasLocation": f"loc:{recipient['country']}",
    }


def _storage(terms: list[Json]) -> list[Json]:
    durations = [
        {
            "@type": "dpv:StorageDuration",
            "dpv:hasDuration": term["term"],
            "ru:after": _AFTER.get(term["after"], term["after"].replace("_", "-")),
        }
        for term in terms
    ]
    return [
        {"@type": "dpv:StorageLocation", "dpv:hasLocation": "loc:RU"},
        *durations,
        {"@type": "dpv:StorageDeletion", "ru:evidence": "order-179"},
    ]


def _choice(choice: Any) -> Json:
    return {
        "ru:category": choice.category,
        "ru:decision": choice.decision,
        "ru:conditions": [str(condition) for condition in choice.conditions],
    }


def _controls(given: LedgerEntry, site: str) -> list[Json]:
    slug = given.text.slug
    return [
        {"@type": "dpv:ProvideConsent", "dpv:isExercisedAt": f"{site}/me/consents/{slug}/"},
        {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": f"{site}/me/consents/#consent-{slug}"},
    ]


def _status(entry: LedgerEntry) -> Json:
    speaker = words.SPEAKERS.get(entry.given_by)
    return {
        "@type": _state(entry),
        "dpv:isIndicatedBy": {"@type": speaker} if speaker else {"@id": _person(entry)},
        "dpv:hasIndicationMethod": words.method_of(entry.kind, entry.channel),
        "dpv:isIndicatedAtTime": moment(entry.at),
        "dpv:hasDuration": "until-withdrawal" if entry.is_given else "for-good",
    }


def _state(entry: LedgerEntry) -> list[str]:
    if not entry.is_given:
        return ["dpv:ConsentWithdrawn"]
    signed = entry.channel == LedgerEntry.Channel.PAPER
    return [
        "dpv:RenewedConsentGiven" if _renews(entry) else "dpv:ConsentGiven",
        "dpv:ExplicitlyExpressedConsent" if signed else "dpv:ExpressedConsent",
    ]


def _renews(given: LedgerEntry) -> bool:
    """A consent that was on hold ended with this one."""
    of_purpose = LedgerEntry.objects.filter(subject_id=given.subject_id, purpose=given.purpose)
    return given.turn > 1 and of_purpose.filter(turn=given.turn - 1, kind=LedgerEntry.Kind.REPLACED).exists()


def _evidence(entry: LedgerEntry, given: LedgerEntry, said: Json, terms: ReceiptTerms) -> Json:
    """By `context` the acts are found in the operator's processing log."""
    evidence: Json = {"logOrigin": said["system"], "termsSha256": terms.sha256, "context": str(given.act)}
    evidence |= _how_it_was_given(given)
    if entry != given:
        evidence["withdrawnContext"] = str(entry.act)
    return evidence


def _how_it_was_given(given: LedgerEntry) -> Mapping[str, str]:
    found: dict[str, str] = {}
    if given.served:
        found["noticeServedContext"] = str(given.served.act)
        found["nonceSha256"] = bytes(given.served.nonce_digest).hex()
    if given.awaited:
        found["askedContext"] = str(given.awaited.act)
        found["askedAt"] = moment(given.awaited.at)
    if given.paper and given.paper.decided_at:
        found["receivedOn"] = day_of(given.paper.received_at).isoformat()  # nobody wrote down the hour
        found["enteredContext"] = str(given.paper.act)
        found["enteredAt"] = moment(given.paper.entered_at)
        found["confirmedAt"] = moment(given.paper.decided_at)
    return found
