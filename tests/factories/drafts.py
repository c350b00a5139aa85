"""Drafts of versions: an officer writes, a second one publishes."""

from datetime import UTC, date, datetime

from consent.drafting import PublishedDraft, begin_draft, change_draft, publish_draft, submit_draft
from consent.drafts import POLICY, Draft
from processing_log.actors import Actor, ActorKind

DRAFTED_AT = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
IN_FORCE_ON = date(2026, 5, 1)
OFFICER = Actor(kind=ActorKind.OFFICER, id="22222222-2222-4222-8222-222222222222")
SECOND = Actor(kind=ActorKind.ADMIN, id="33333333-3333-4333-8333-333333333333")


def make_draft(
    *, document: str = POLICY, effective_on: date = IN_FORCE_ON, actor: Actor = OFFICER, at: datetime = DRAFTED_AT
) -> Draft:
    return begin_draft(document=document, effective_on=effective_on, actor=actor, at=at)


def write(draft: Draft, old: str, new: str, *, english: tuple[str, str] = ("", ""), at: datetime = DRAFTED_AT) -> Draft:
    """Other words in the Russian text, and in the English one."""
    assert old in draft.text_ru
    return change_draft(
        draft_id=draft.pk,
        text_ru=draft.text_ru.replace(old, new),
        text_en=draft.text_en.replace(*english) if english[0] else draft.text_en,
        effective_on=draft.effective_on,
        actor=OFFICER,
        at=at,
    )


def make_submitted(*, document: str = POLICY, effective_on: date = IN_FORCE_ON, at: datetime = DRAFTED_AT) -> Draft:
    """Harmless other words."""
    draft = make_draft(document=document, effective_on=effective_on, at=at)
    old, new = ("постоянно размещена", "всегда размещена") if document == POLICY else ("по моей воле", "своей волей")
    write(draft, old, new, at=at)
    return submit_draft(draft_id=draft.pk, actor=OFFICER, at=at)


def publish_as_read(draft: Draft, *, actor: Actor, at: datetime) -> PublishedDraft:
    """By somebody who has the draft before them as it is given here."""
    return publish_draft(draft_id=draft.pk, seen=draft.fingerprint, actor=actor, at=at)
