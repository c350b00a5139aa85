"""A receipt in words: what the file says, for a page that is read and printed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from consent.receipts import vocabulary
from consent.receipts.verify_receipt import from_base64url, read
from processing_log.operations import Operation

Words = str | Promise

METHODS: Final[Mapping[str, Words]] = {
    "button": _("by a button on the portal"),
    "button+email-link": _("by a button on the portal, confirmed by a link sent by e-mail"),
    "email-link": pgettext_lazy("consent", "by a link from a mail"),
    "paper": pgettext_lazy("consent", "on paper"),
    "paper+second-person": _("on paper, looked at by two members of staff"),
    "telephone": pgettext_lazy("consent", "by telephone"),
    "telephone+second-person": _("by telephone, looked at by two members of staff"),
}
SPEAKERS: Final[Mapping[str, Words]] = {
    "ru:Guardian": pgettext_lazy("consent", "by a parent or guardian"),
    "ru:Representative": pgettext_lazy("consent", "by a representative"),
}
AFTER: Final[Mapping[str, Words]] = {
    "withdrawal": _("after the consent is withdrawn"),
    "account-deleted": _("after the account is deleted"),
    "subscription-ended": _("after the subscription ends"),
}
_OPERATIONS: Final = {term: Operation(code) for code, term in vocabulary.OPERATIONS.items()}
_DURATION: Final = re.compile(r"P(\d+)([DM])")


@dataclass(frozen=True, kw_only=True)
class Term:
    length: str
    after: Words


@dataclass(frozen=True, kw_only=True)
class ReceiptInWords:
    """Titles are in the language of the consent, everything else in the reader's."""

    number: str
    consent: str
    is_withdrawal: bool
    language: str
    purpose: str
    operator: str
    inn: str
    address: str
    email: str
    person: str
    given_at: datetime
    withdrawn_at: datetime | None
    served_at: datetime | None
    asked_at: datetime | None
    received_on: date | None
    method: Words
    withdrawal_method: Words
    speaker: Words
    text_url: str
    text_sha256: str
    screen_sha256: str
    categories: Sequence[str]
    operations: Sequence[Words]
    recipients: Sequence[str]
    terms: Sequence[Term]
    withdraw_url: str
    log_origin: str
    contexts: Sequence[str]
    signed_by: str
    signature: str


def in_words(receipt: Mapping[str, Any]) -> ReceiptInWords:
    """Of a receipt whose signature was verified: its shape is ours."""
    record = receipt["dpv:hasRecordOfActivity"][0]
    notice, process, statuses = record["dpv:hasNotice"][0], record["dpv:hasProcess"][0], record["dpv:hasConsentStatus"]
    given, withdrawn = statuses[0], statuses[1] if len(statuses) > 1 else None
    operator, evidence = receipt["dct:publisher"], receipt["ru:evidence"]
    signature = str(evidence["signature"])
    return ReceiptInWords(
        number=receipt["dct:identifier"],
        consent=record["dct:identifier"],
        is_withdrawal=withdrawn is not None,
        language=notice["dct:language"],
        purpose=process["dpv:hasPurpose"][0]["dct:title"],
        operator=operator["dpv:hasName"],
        inn=operator["ru:inn"],
        address=operator["schema:contactPoint"]["schema:address"],
        email=operator["schema:contactPoint"]["schema:email"],
        person=receipt["schema:recipient"]["@id"],
        given_at=_required(given["dpv:isIndicatedAtTime"]),
        withdrawn_at=_moment(withdrawn["dpv:isIndicatedAtTime"]) if withdrawn else None,
        served_at=_moment(notice.get("ru:servedAt")),
        asked_at=_moment(evidence.get("askedAt")),
        received_on=_day(evidence.get("receivedOn")),
        method=_method(given),
        withdrawal_method=_method(withdrawn) if withdrawn else "",
        speaker=SPEAKERS.get((withdrawn or given)["dpv:isIndicatedBy"].get("@type", ""), ""),
        text_url=notice["@id"],
        text_sha256=notice["ru:textSha256"],
        screen_sha256=notice.get("ru:screenSha256", ""),
        categories=[category["dct:title"] for category in process["dpv:hasPersonalData"]],
        operations=[_OPERATIONS[term].label for term in process["dpv:hasProcessing"]],
        recipients=[recipient["dpv:hasName"] for recipient in process["dpv:hasRecipient"]],
        terms=[_term(each) for each in process["dpv:hasStorageCondition"] if "dpv:hasDuration" in each],
        withdraw_url=record["dpv:hasConsentControl"][1]["dpv:isExercisedAt"],
        log_origin=evidence["logOrigin"],
        contexts=[evidence[name] for name in _CONTEXTS if name in evidence],
        signed_by=read(from_base64url(signature.partition(".")[0]))["kid"],
        signature=signature,
    )


_CONTEXTS: Final = ("noticeServedContext", "askedContext", "enteredContext", "context", "withdrawnContext")


def _method(status: Mapping[str, Any]) -> Words:
    code = status["dpv:hasIndicationMethod"]
    return METHODS.get(code, code)


def _required(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _term(condition: Mapping[str, Any]) -> Term:
    after, length = condition["ru:after"], condition["dpv:hasDuration"]
    matched = _DURATION.fullmatch(length)
    if matched is None:
        return Term(length=length, after=AFTER.get(after, after))
    number = int(matched[1])
    in_days = ngettext("%(number)s calendar day", "%(number)s calendar days", number)
    in_months = ngettext("%(number)s month", "%(number)s months", number)
    words = (in_days if matched[2] == "D" else in_months) % {"number": number}
    return Term(length=words, after=AFTER.get(after, after))
