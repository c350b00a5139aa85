"""Whether a receipt that somebody holds is genuine, and whether our own records still say what it says. What is handed
in is looked at and forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent import verifying
from consent.models import ConsentTextVersion, LedgerEntry, Screen
from consent.receipts import issuing, parts, signing
from consent.receipts.parts import Part
from consent.receipts.verify_receipt import Altered, NotAReceipt, NotReadable, UnknownKey, read, verify
from consent.verifying import Flaw

PREFIX: Final = "rcp_"


class Verdict(TextChoices):
    GENUINE = "genuine", _("The receipt is genuine")
    ALTERED = "altered", _("The receipt was altered")
    OURS_DIFFER = "ours_differ", _("The receipt is genuine, but the operator's own records no longer agree with it")
    NOT_OURS = "not_ours", _("This is not a receipt of this operator")
    NOT_A_RECEIPT = "not_a_receipt", _("This is not the receipt of a consent")


class Why(TextChoices):
    NOT_JSON = "not_json", _("It cannot be read: the file of a receipt is JSON, taken away whole from the portal")
    NOT_A_RECEIPT = "not_a_receipt", _("It is JSON, but it is not a receipt with a signature")
    UNKNOWN_KEY = "unknown_key", _("It is signed with a key that this operator never had")
    SIGNATURE = "signature", _("The signature does not fit: something was changed after the receipt was signed")
    TEXT_UNKNOWN = "text_unknown", _("No text with such a hash was ever published here")
    SCREEN_UNKNOWN = "screen_unknown", _("No screen with such a hash was ever shown here")
    NO_ENTRY = "no_entry", _("The operator's ledger has no such consent")


@dataclass(frozen=True, kw_only=True)
class Checked:
    """`differing`: what the receipt says otherwise than the ledger. `flaws`: what is altered in the ledger itself.
    `replaced_at`: a newer consent stands in the stead of this one. Both are None also where nothing is known."""

    verdict: Verdict
    why: tuple[Why, ...] = ()
    differing: tuple[Part, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    receipt: Mapping[str, Any] | None = None
    entry: LedgerEntry | None = None
    withdrawn_at: datetime | None = None
    replaced_at: datetime | None = None
    signed_by: str = ""

    @property
    def is_genuine(self) -> bool:
        return self.verdict == Verdict.GENUINE

    @property
    def reasons(self) -> list[str | Promise]:
        return [*(why.label for why in self.why), *(flaw.label for flaw in self.flaws)]


def check(data: bytes) -> Checked:
    try:
        receipt = read(data)
    except NotReadable:
        return Checked(verdict=Verdict.NOT_A_RECEIPT, why=(Why.NOT_JSON,))
    try:
        signer = verify(receipt, signing.public_keys())
    except NotAReceipt:
        return Checked(verdict=Verdict.NOT_A_RECEIPT, why=(Why.NOT_A_RECEIPT,))
    except UnknownKey:
        return _altered(receipt) if _known(receipt) else Checked(verdict=Verdict.NOT_OURS, why=(Why.UNKNOWN_KEY,))
    except Altered:
        return _altered(receipt)
    return _against_the_ledger(receipt, signer)


def _altered(receipt: Mapping[str, Any]) -> Checked:
    """Says also where, as far as the ledger can tell."""
    ours = _known(receipt)
    unknown = () if ours else (Why.NO_ENTRY,)
    return Checked(
        verdict=Verdict.ALTERED,
        why=(Why.SIGNATURE, *_unknown_hashes(receipt), *unknown),
        differing=tuple(parts.differing(receipt, ours)) if ours else (),
    )


def _against_the_ledger(receipt: Mapping[str, Any], signer: str) -> Checked:
    """The signature is ours, so the receipt is right; the question is whether the ledger still is."""
    entry = _entry_of(receipt)
    if entry is None:
        return Checked(verdict=Verdict.OURS_DIFFER, why=(Why.NO_ENTRY,), receipt=receipt, signed_by=signer)
    flaws = dict.fromkeys(finding.flaw for finding in verifying.flaws_of_entry(entry))
    ours = _known(receipt)
    differing = parts.differing(receipt, ours) if ours else []
    return Checked(
        verdict=Verdict.OURS_DIFFER if flaws or differing else Verdict.GENUINE,
        differing=tuple(differing),
        flaws=tuple(flaws),
        receipt=receipt,
        entry=entry,
        withdrawn_at=_ended_at(entry, LedgerEntry.Kind.WITHDRAWN),
        replaced_at=_ended_at(entry, LedgerEntry.Kind.REPLACED),
        signed_by=signer,
    )


def _entry_of(receipt: Mapping[str, Any]) -> LedgerEntry | None:
    number = receipt.get("dct:identifier")
    if not isinstance(number, str) or not number.startswith(PREFIX):
        return None
    try:
        entry_id = UUID(number.removeprefix(PREFIX))
    except ValueError:
        return None
    rows = LedgerEntry.objects.select_related("text", "served__screen", "awaited", "paper")
    return rows.filter(pk=entry_id).first()


def _known(receipt: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same receipt, made from the ledger as it is now."""
    entry = _entry_of(receipt)
    if entry is None:
        return None
    try:
        return issuing.receipt_of(entry.pk)
    except issuing.CannotBeMade:
        return None


def _ended_at(entry: LedgerEntry, kind: LedgerEntry.Kind) -> datetime | None:
    """By the entry itself, or by the one after it."""
    turns = LedgerEntry.objects.filter(subject_id=entry.subject_id, purpose=entry.purpose, kind=kind)
    end = turns.filter(turn=entry.turn + 1 if entry.is_given else entry.turn).first()
    return end.at if end else None


def _unknown_hashes(receipt: Mapping[str, Any]) -> list[Why]:
    notice = _notice_of(receipt)
    text, screen = str(notice.get("ru:textSha256", "")), str(notice.get("ru:screenSha256", ""))
    published = {hashed for row in ConsentTextVersion.objects.values_list("sha256", "sha256_en") for hashed in row}
    found = [] if text in published else [Why.TEXT_UNKNOWN]
    if screen and not Screen.objects.filter(pk=_without_zeros(screen)).exists():
        found.append(Why.SCREEN_UNKNOWN)
    return found


def _notice_of(receipt: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        notice = receipt["dpv:hasRecordOfActivity"][0]["dpv:hasNotice"][0]
    except (KeyError, IndexError, TypeError):
        return {}
    return notice if isinstance(notice, Mapping) else {}


def _without_zeros(text: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return text.replace("\x00", "")
