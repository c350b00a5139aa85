"""From the id of one consent to everything that proves it: the words, the screen, the times, the way, the log."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from consent.models import AwaitedStep, DisseminationChoice, LedgerEntry, Term
from consent.verifying import Finding, Flaw, flaws_of_entry
from processing_log.models import Event

EVENTS_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`flaws` is empty when every hash computes anew to what was entered. `turns` are all entries of the same person
    and purpose; a withdrawal's proof of giving is on the turn before it."""

    entry: LedgerEntry
    text: str
    screen: dict[str, Any] | None
    screen_json: str
    steps: Sequence[AwaitedStep]
    choices: Sequence[DisseminationChoice]
    terms: Sequence[Term]
    turns: Sequence[LedgerEntry]
    events: Sequence[Event]
    flaws: Sequence[Finding]

    @property
    def is_sound(self) -> bool:
        return not self.flaws

    @property
    def has_sound_receipt(self) -> bool:
        return not {finding.flaw for finding in self.flaws} & {Flaw.RECEIPT_MISSING, Flaw.RECEIPT_ALTERED}


def evidence_of(consent_id: UUID) -> Evidence:
    """Raises LedgerEntry.DoesNotExist."""
    rows = LedgerEntry.objects.select_related("text", "served__screen", "awaited", "paper", "subject")
    entry = rows.get(pk=consent_id)
    flaws = list(flaws_of_entry(entry))
    screen_json = entry.served.screen.content if entry.served else ""
    turns = LedgerEntry.objects.filter(subject=entry.subject_id, purpose=entry.purpose).order_by("turn")
    return Evidence(
        entry=entry,
        text=_text(entry),
        screen=_read(screen_json),
        screen_json=screen_json,
        steps=list(entry.awaited.steps.all()) if entry.awaited else [],
        choices=list(entry.choices.all()),
        terms=list(entry.terms.all()),
        turns=list(turns.select_related("text")),
        events=_events(entry),
        flaws=flaws,
    )


def _text(entry: LedgerEntry) -> str:
    """The words as they are in the database now; empty when they cannot even be read."""
    try:
        return entry.text.document.in_language(entry.language).canonical()
    except (TypeError, ValueError):  # pydantic's own error is a ValueError
        return ""


def _read(screen_json: str) -> dict[str, Any] | None:
    try:
        content = json.loads(screen_json)
    except ValueError:
        return None
    return content if isinstance(content, dict) and isinstance(content.get("blocks"), list) else None


def _events(entry: LedgerEntry) -> list[Event]:
    """What the acts behind the consent have left in the log: shown, asked, entered, given or withdrawn."""
    acts = {entry.act}
    if entry.served:
        acts.add(entry.served.act)
    if entry.awaited:
        acts.add(entry.awaited.act)
    if entry.paper:
        acts.add(entry.paper.act)
    events = Event.objects.filter(subject=entry.subject_id, context__in=acts)
    return list(events.order_by("at", "id")[:EVENTS_SHOWN])
