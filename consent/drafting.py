"""From a draft to a version: one person writes and hands over, another one publishes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from consent import reach
from consent.drafts import POLICY, Draft
from consent.facts import Fact
from consent.in_force import day_of
from consent.models import ConsentTextVersion, PolicyVersion
from consent.publishing import publish_consent_text, publish_policy
from consent.reach import Settled
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles import current, documents, linter, writer
from profiles.linter import Finding

State = Draft.State


class NoSuchDocument(Exception):
    """There is no published version to go on from."""


class DraftedAlready(Exception):
    """A draft of this document is open; one at a time."""


class NotTheAuthor(Exception):
    """Only who began the draft changes it and hands it over."""


class TheAuthor(Exception):
    """Nobody publishes a text of their own."""


class NotNow(Exception):
    """The draft is not in the state for this: somebody else was quicker."""


class NotWhatWasRead(Exception):
    """Its author took the draft back and changed it after the second person had opened it."""


class HasFindings(Exception):
    """The linter found what must not be published."""


@dataclass(frozen=True, kw_only=True)
class Review:
    """What the draft would be as a version, and what is wrong with it: in each language, and in both together."""

    russian: tuple[Finding, ...]
    english: tuple[Finding, ...]
    both: tuple[Finding, ...]
    document: documents.PolicyVersion | documents.ConsentText

    @property
    def may_be_published(self) -> bool:
        return not any(finding.refuses for finding in (*self.russian, *self.english, *self.both))


@dataclass(frozen=True, kw_only=True)
class PublishedDraft:
    version: PolicyVersion | ConsentTextVersion
    settled: tuple[Settled, ...]


def documents_to_draft() -> list[str]:
    """The policy, and each purpose that rests on consent."""
    return [POLICY, *(code for code, purpose in current().purposes.items() if purpose.needs_consent)]


def newest(document: str) -> PolicyVersion | ConsentTextVersion | None:
    if document == POLICY:
        return PolicyVersion.objects.order_by("number").last()
    return ConsentTextVersion.objects.filter(purpose=document).order_by("version").last()


def begin_draft(*, document: str, effective_on: date, actor: Actor, at: datetime) -> Draft:
    """A copy of the newest version, to be changed. Raises NoSuchDocument or DraftedAlready."""
    before = newest(document)
    if document not in documents_to_draft() or before is None:
        raise NoSuchDocument(document)
    with processing("rights", actor=actor) as act:
        reach.keep_still()
        if Draft.objects.filter(document=document, state__in=[State.WRITTEN, State.SUBMITTED]).exists():
            raise DraftedAlready(document)
        texts = {f"text_{language}": _source(before, language) for language in ("ru", "en")}
        draft = Draft.objects.create(
            document=document,
            number=_number(before) + 1,
            effective_on=effective_on,
            author=UUID(actor.id),
            begun_at=at,
            changed_at=at,
            **texts,
        )
        _record(act, Fact.DRAFT_BEGUN, draft)
    return draft


def change_draft(
    *, draft_id: UUID, text_ru: str, text_en: str, effective_on: date, actor: Actor, at: datetime
) -> Draft:
    """Raises NotTheAuthor or NotNow."""
    with processing("rights", actor=actor) as act:
        draft = _locked(draft_id, State.WRITTEN)
        _must_be_author(draft, actor)
        draft.text_ru, draft.text_en, draft.effective_on, draft.changed_at = text_ru, text_en, effective_on, at
        draft.save(update_fields=["text_ru", "text_en", "effective_on", "changed_at"])
        _record(act, Fact.DRAFT_CHANGED, draft)
    return draft


def submit_draft(*, draft_id: UUID, actor: Actor, at: datetime) -> Draft:
    """Raises NotTheAuthor, NotNow or HasFindings."""
    with processing("rights", actor=actor) as act:
        draft = _locked(draft_id, State.WRITTEN)
        _must_be_author(draft, actor)
        if not review(draft, at=at).may_be_published:
            raise HasFindings(str(draft.pk))
        draft.state, draft.submitted_at = State.SUBMITTED, at
        draft.save(update_fields=["state", "submitted_at"])
        _record(act, Fact.DRAFT_SUBMITTED, draft)
    return draft


def give_back_draft(*, draft_id: UUID, actor: Actor, at: datetime) -> Draft:
    """To its author, who may also take it back. Raises NotNow."""
    with processing("rights", actor=actor) as act:
        draft = _locked(draft_id, State.SUBMITTED)
        draft.state, draft.submitted_at, draft.changed_at = State.WRITTEN, None, at
        draft.save(update_fields=["state", "submitted_at", "changed_at"])
        _record(act, Fact.DRAFT_RETURNED, draft)
    return draft


def drop_draft(*, draft_id: UUID, actor: Actor, at: datetime) -> Draft:
    """Whoever may write drafts may drop one: its author may have left. Raises NotNow."""
    with processing("rights", actor=actor) as act:
        draft = _locked(draft_id, State.WRITTEN, State.SUBMITTED)
        draft.state, draft.closed_at = State.DROPPED, at
        draft.save(update_fields=["state", "closed_at"])
        _record(act, Fact.DRAFT_DROPPED, draft)
    return draft


def publish_draft(*, draft_id: UUID, seen: str, actor: Actor, at: datetime) -> PublishedDraft:
    """The second pair of eyes. `seen` is the fingerprint of the draft that they had before them. What people have
    agreed to is settled in the same transaction. Raises TheAuthor, NotNow, NotWhatWasRead or HasFindings."""
    with processing("rights", actor=actor) as act:
        draft = _locked(draft_id, State.SUBMITTED)
        if draft.author == UUID(actor.id):
            raise TheAuthor(str(draft.pk))
        if draft.fingerprint != seen:
            raise NotWhatWasRead(str(draft.pk))
        reviewed = review(draft, at=at)
        if not reviewed.may_be_published:
            raise HasFindings(str(draft.pk))
        draft.state, draft.approver, draft.closed_at = State.PUBLISHED, UUID(actor.id), at
        draft.save(update_fields=["state", "approver", "closed_at"])
        _record(act, Fact.DRAFT_PUBLISHED, draft)
        version = _publish(reviewed.document, draft, act, at)
        settled = reach.settle(act)
    return PublishedDraft(version=version, settled=settled)


def review(draft: Draft, *, at: datetime) -> Review:
    if draft.is_policy:
        return _review_policy(draft, at)
    return _review_consent(draft, at)


def _review_policy(draft: Draft, at: datetime) -> Review:
    ru = linter.lint_policy(draft.text_ru, "ru", current())
    en = linter.lint_policy(draft.text_en, "en", current())
    apart = linter.marks_differ(ru.document.marks, en.document.marks)
    return Review(
        russian=ru.findings,
        english=en.findings,
        both=(*apart, *_beside(draft, ru.document.hash, at)),
        document=documents.PolicyVersion(
            number=draft.number, effective_on=draft.effective_on, updated_on=day_of(at), ru=ru.document, en=en.document
        ),
    )


def _review_consent(draft: Draft, at: datetime) -> Review:
    ru = linter.lint_consent(draft.text_ru, "ru", draft.document, current())
    en = linter.lint_consent(draft.text_en, "en", draft.document, current())
    apart = linter.marks_differ(ru.document.codes, en.document.codes)
    before = newest(draft.document)
    assert isinstance(before, ConsentTextVersion), "a draft goes on from a version"
    return Review(
        russian=ru.findings,
        english=en.findings,
        both=(*apart, *_beside(draft, ru.document.hash, at)),
        document=documents.ConsentText(
            purpose=draft.document,
            slug=before.slug,
            version=draft.number,
            effective_on=draft.effective_on,
            updated_on=day_of(at),
            ru=ru.document,
            en=en.document,
        ),
    )


def _beside(draft: Draft, sha256: str, at: datetime) -> Iterator[Finding]:
    """What can only be said beside the version before, the calendar and the register."""
    before = newest(draft.document)
    if before and sha256 == before.sha256:
        yield Finding(line=1, code="unchanged")
    if before and _number(before) + 1 != draft.number:
        yield Finding(line=1, code="overtaken")
    if draft.effective_on < day_of(at) or (before and draft.effective_on < before.effective_on):
        yield Finding(line=1, code="date")
    yield from linter.lint_profile(current())


def _publish(
    document: documents.PolicyVersion | documents.ConsentText, draft: Draft, act: Scope, at: datetime
) -> PolicyVersion | ConsentTextVersion:
    if isinstance(document, documents.PolicyVersion):
        return publish_policy(document, profile=current(), act=act, at=at, draft=draft)
    return publish_consent_text(document, profile=current(), act=act, at=at, draft=draft)


def _source(version: PolicyVersion | ConsentTextVersion, language: str) -> str:
    if isinstance(version, PolicyVersion):
        return writer.write_policy(version.document.in_language(language))
    return writer.write_consent(version.document.in_language(language))


def _number(version: PolicyVersion | ConsentTextVersion) -> int:
    return version.number if isinstance(version, PolicyVersion) else version.version


def _locked(draft_id: UUID, *states: str) -> Draft:
    """Of two clicks the second one comes too late."""
    draft = Draft.objects.select_for_update().get(pk=draft_id)
    if draft.state not in states:
        raise NotNow(str(draft_id))
    return draft


def _must_be_author(draft: Draft, actor: Actor) -> None:
    if draft.author != UUID(actor.id):
        raise NotTheAuthor(str(draft.pk))


def _record(act: Scope, fact: Fact, draft: Draft) -> None:
    act.record(fact.value, reason=f"{draft.document} {draft.number}")
