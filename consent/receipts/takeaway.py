"""Everything that somebody needs to prove a person's consents without the portal: for the copy of their data."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from consent.models import LedgerEntry
from consent.receipts import issuing, signing, verify_receipt
from consent.receipts.document import receipt_id

FOLDER: Final = "receipts"
VERIFIER: Final = Path(verify_receipt.__file__)


def files_of(subject_id: UUID) -> Iterator[tuple[str, bytes]]:
    """Names and contents: each receipt, each text that was consented to, the public keys and the program that verifies.
    Nothing for who has no receipt; what can't be made any more is left out."""
    entries = LedgerEntry.objects.filter(subject_id=subject_id, receipt__isnull=False).select_related("text")
    texts: dict[str, str] = {}
    for entry in entries.order_by("at", "pk"):
        try:
            receipt = issuing.receipt_of(entry.pk)
        except issuing.CannotBeMade:
            continue
        yield f"{FOLDER}/{receipt_id(entry)}.jsonld", issuing.as_file(receipt)
        if entry.is_given:
            texts[entry.sha256] = entry.text.document.in_language(entry.language).canonical()
    if texts:
        yield from ((f"{FOLDER}/texts/{sha256}.txt", text.encode()) for sha256, text in texts.items())
        yield f"{FOLDER}/receipt-keys.json", json.dumps(key_set(), indent=1).encode()
        yield f"{FOLDER}/{VERIFIER.name}", VERIFIER.read_bytes()


def key_set() -> dict[str, Any]:
    """A JWK Set (RFC 7517), the newest key last."""
    return {"keys": [signing.as_jwk(key) for key in signing.public_keys().values()]}
