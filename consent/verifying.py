"""Whether what proves a consent is still what it was: hashes are computed again from the words themselves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from consent import screens, tokens
from consent.models import ConsentTextVersion, LedgerEntry, Screen, Served
from consent.receipts import issuing
from profiles.documents import sha256

LANGUAGES: Final = ("ru", "en")


class Flaw(TextChoices):
    TEXT_ALTERED = "text_altered", _("The published text is not the one that was hashed")
    TEXT_UNREADABLE = "text_unreadable", _("The published text cannot be read any more")
    SCREEN_ALTERED = "screen_altered", _("The screen is not the one that was hashed")
    SCREEN_OF_ANOTHER_TEXT = "screen_of_another_text", _("The screen shows another text than the consent names")
    HASHES_DIFFER = "hashes_differ", _("The entry names another text than its showing or its paper")
    NUMBER_ALTERED = "number_altered", _("The one-time number is not the one that was given out")
    RECEIPT_MISSING = "receipt_missing", _("The entry has no receipt, or the receipt cannot be made any more")
    RECEIPT_ALTERED = "receipt_altered", _("The entry is not what its receipt was signed for")
    ORDER_BROKEN = "order_broken", _("The times do not follow one another: shown, asked, given")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`what` names the row: a text, a screen, an entry."""

    flaw: Flaw
    what: str


def flaws_of_text(row: ConsentTextVersion) -> Iterator[Finding]:
    what = f"text {row.purpose} {row.version}"
    try:
        document = row.document
    except (ValidationError, TypeError, ValueError):
        yield Finding(flaw=Flaw.TEXT_UNREADABLE, what=what)
        return
    for language in LANGUAGES:
        if document.in_language(language).hash != row.hash_in(language):
            yield Finding(flaw=Flaw.TEXT_ALTERED, what=f"{what} {language}")


def flaws_of_screen(screen: Screen) -> Iterator[Finding]:
    if sha256(screen.content) != screen.sha256:
        yield Finding(flaw=Flaw.SCREEN_ALTERED, what=f"screen {screen.sha256}")


def flaws_of_entry(entry: LedgerEntry) -> Iterator[Finding]:
    """Of this entry and all that it rests on."""
    what = f"consent {entry.pk}"
    yield from flaws_of_text(entry.text)
    proof = entry.served or entry.paper
    named = (entry.sha256, entry.language, entry.text_id)
    shown = (proof.sha256, proof.language, proof.text_id) if proof else named
    if entry.sha256 != entry.text.hash_in(entry.language) or named != shown:
        yield Finding(flaw=Flaw.HASHES_DIFFER, what=what)
    if entry.served:
        yield from _flaws_of_showing(entry, entry.served, what)
    yield from _flaws_of_receipt(entry, what)


def _flaws_of_receipt(entry: LedgerEntry, what: str) -> Iterator[Finding]:
    if entry.kind == LedgerEntry.Kind.REPLACED:
        return  # no act of the person's own: the consent that follows has the receipt
    try:
        receipt = issuing.receipt_of(entry.pk)
    except issuing.CannotBeMade:
        yield Finding(flaw=Flaw.RECEIPT_MISSING, what=what)
        return
    if not issuing.is_sound(receipt):
        yield Finding(flaw=Flaw.RECEIPT_ALTERED, what=what)


def _flaws_of_showing(entry: LedgerEntry, served: Served, what: str) -> Iterator[Finding]:
    yield from flaws_of_screen(served.screen)
    if _text_on(served.screen) != (served.sha256, served.language, entry.purpose):
        yield Finding(flaw=Flaw.SCREEN_OF_ANOTHER_TEXT, what=what)
    if bytes(served.nonce_digest) != tokens.digest(tokens.nonce_of(served.pk)):
        yield Finding(flaw=Flaw.NUMBER_ALTERED, what=what)
    moments = [served.at, *([entry.awaited.at] if entry.awaited else []), entry.at]
    if moments != sorted(moments):
        yield Finding(flaw=Flaw.ORDER_BROKEN, what=what)


def _text_on(screen: Screen) -> tuple[object, object, object] | None:
    try:
        content = json.loads(screen.content)
        if content["format"] != screens.FORMAT:
            return None
        return content["text"]["sha256"], content["language"], content["purpose"]
    except (ValueError, KeyError, TypeError):
        return None


def flaws_of_everything(*, batch_size: int = 1000) -> Iterator[Finding | None]:
    """Row by row: a finding, or None for a row that is sound. Each text and each screen is computed once."""
    for text in ConsentTextVersion.objects.all():
        yield from _or_none(list(flaws_of_text(text)))
    for screen in Screen.objects.iterator(chunk_size=batch_size):
        yield from _or_none(list(flaws_of_screen(screen)))
    entries = LedgerEntry.objects.select_related("text", "served__screen", "awaited", "paper").order_by("pk")
    for entry in entries.iterator(chunk_size=batch_size):
        yield from _or_none([flaw for flaw in flaws_of_entry(entry) if flaw.what.startswith("consent")])


def rows_to_verify() -> int:
    return ConsentTextVersion.objects.count() + Screen.objects.count() + LedgerEntry.objects.count()


def _or_none(found: list[Finding]) -> Iterator[Finding | None]:
    if not found:
        yield None
    yield from found
