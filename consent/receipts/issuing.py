"""Signing the receipt of an entry, once, in the entry's own transaction; and making it anew from the ledger."""

import json
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from consent.models import LedgerEntry, Receipt
from consent.receipts import document, signing, terms
from consent.receipts.verify_receipt import Altered, NotAReceipt, UnknownKey, verify


class CannotBeMade(Exception):
    """The rows that the receipt is made of are not there, or can't be read any more."""


def issue(entry: LedgerEntry) -> Receipt | None:
    """None for the withdrawal of a consent that the portal knows too little of: its purpose is gone from the profile,
    and it had no receipt itself."""
    entry, given = _with_its_giving(entry.pk)
    agreed = _terms_of(given) or terms.of_today(entry.purpose)
    if agreed is None:
        return None
    signature = signing.current().sign(document.document_of(entry, given, agreed))
    return Receipt.objects.create(entry=entry, subject_id=entry.subject_id, terms=agreed, signature=signature)


def receipt_of(entry_id: UUID) -> dict[str, Any]:
    """The signed receipt, made from the ledger as it is now. Raises LedgerEntry.DoesNotExist, CannotBeMade."""
    entry, given = _with_its_giving(entry_id)
    if not hasattr(entry, "receipt"):
        raise CannotBeMade
    try:
        receipt = document.document_of(entry, given, entry.receipt.terms)
    except (ValueError, KeyError, TypeError):
        raise CannotBeMade from None
    receipt["ru:evidence"]["signature"] = entry.receipt.signature
    return receipt


def is_sound(receipt: dict[str, Any]) -> bool:
    """Whether the signature fits what the ledger says now."""
    try:
        verify(receipt, signing.public_keys())
    except (Altered, NotAReceipt, UnknownKey):
        return False
    return True


def as_file(receipt: dict[str, Any]) -> bytes:
    """As people take it away: readable, and the same bytes each time."""
    return (json.dumps(receipt, ensure_ascii=False, indent=2) + "\n").encode()


def entries() -> QuerySet[LedgerEntry]:
    """With all that a receipt is made of."""
    return LedgerEntry.objects.select_related("text", "served", "awaited", "paper", "receipt__terms")


def _with_its_giving(entry_id: UUID) -> tuple[LedgerEntry, LedgerEntry]:
    """Raises LedgerEntry.DoesNotExist, CannotBeMade."""
    entry = entries().get(pk=entry_id)
    if entry.is_given:
        return entry, entry
    given = entries().filter(subject_id=entry.subject_id, purpose=entry.purpose, turn=entry.turn - 1).first()
    if given is None:
        raise CannotBeMade
    return entry, given


def _terms_of(given: LedgerEntry) -> Any:
    return given.receipt.terms if hasattr(given, "receipt") else None
