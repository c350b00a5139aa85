"""The acts of staff on consents that came on paper or by telephone. Two people: who enters does not confirm."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File

from consent.facts import Fact
from consent.in_force import day_of
from consent.ledger import (
    Channel,
    NotTheTextShown,
    ensure_may_give,
    enter_given,
    lock,
    lock_the_living,
    lock_to_give,
)
from consent.models import ConsentTextVersion, LedgerEntry, PaperConsent, PaperScan
from consent.papers import Authority, GivenBy, PaperRefusal, PaperState, Way
from consent.publication import check_choices, enter_choices
from consent.receipts import issuing
from consent.suppression import ObjectedSince
from law.deadlines import operator_zone
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles import current

PURPOSE = "rights"


class Incomplete(ValueError):
    """What proves the consent is missing: the scan, who called, the representative and their document."""


class NotByThisWay(ValueError):
    """This consent takes a signature or an answered mail; a call is not enough."""


class NoAuthority(ValueError):
    """The representative's right had ended when the consent was received."""


class EnteredAlready(Exception):
    """A paper of the same person for the same purpose waits for its second person."""


class Overtaken(Exception):
    """The person has withdrawn, or objected to advertising, since they signed or called: their newest word counts."""


class SecondPersonNeeded(Exception):
    """Whoever entered it does not decide about it."""


class NotWaiting(Exception):
    """It was decided about already."""


@dataclass(frozen=True, kw_only=True)
class Entering:
    """What staff has in hand. `text_id` is the version that was signed or read out."""

    subject_id: UUID
    text_id: int
    language: str
    way: Way
    received_at: datetime
    document: File[bytes] | None = None
    caller: str = ""
    given_by: GivenBy = GivenBy.SUBJECT
    representative: str = ""
    authority: Authority | None = None
    authority_until: date | None = None
    authority_document: File[bytes] | None = None
    choices: Mapping[str, list[str]] = field(default_factory=dict)


def enter(entering: Entering, *, actor: Actor, at: datetime) -> PaperConsent:
    """Takes it in, sealed; nothing is open until a second person has looked. Raises Incomplete, NotByThisWay,
    NoAuthority, NotTheTextShown, AlreadyInForce, MayNotConsent, Overtaken, EnteredAlready, NothingChosen,
    WrongChoice."""
    text = ConsentTextVersion.objects.get(pk=entering.text_id)
    _check(entering, text)
    with processing(PURPOSE, actor=actor, reason=f"consent {text.purpose}") as act:
        subject = lock_the_living(entering.subject_id)
        _ensure_newest_word(ensure_may_give(subject, text), entering.received_at, entered_at=at)
        if PaperConsent.objects.filter(subject=subject, purpose=text.purpose, state=PaperState.WAITING).exists():
            raise EnteredAlready(text.purpose)
        paper = PaperConsent.objects.create(
            subject=subject,
            purpose=text.purpose,
            text=text,
            language=entering.language,
            sha256=text.hash_in(entering.language),
            way=entering.way,
            given_by=entering.given_by,
            authority=entering.authority or "",
            authority_until=entering.authority_until,
            choices={category: list(choice) for category, choice in entering.choices.items()},
            received_at=entering.received_at,
            entered_at=at,
            author=UUID(actor.id),
            act=act.declaration.context,
        )
        PaperScan.objects.create(
            subject=subject,
            paper=paper,
            document=entering.document,
            caller=entering.caller or None,
            representative=entering.representative or None,
            authority_document=entering.authority_document,
        )
        act.record(Fact.PAPER_ENTERED.value, subject=subject.pk, reason=f"{text.purpose} {text.version}")
    return paper


def confirm(*, paper_id: UUID, actor: Actor, at: datetime) -> LedgerEntry:
    """The second pair of eyes: from now on the consent is in force. Raises SecondPersonNeeded, NotWaiting,
    AlreadyInForce, MayNotConsent, Overtaken."""
    paper = PaperConsent.objects.select_related("text").get(pk=paper_id)
    with processing(PURPOSE, actor=actor, reason=f"consent {paper.purpose}") as act:
        subject = lock_to_give(paper.subject_id)
        _ensure_newest_word(ensure_may_give(subject, paper.text), paper.received_at, entered_at=paper.entered_at)
        _decide(paper, PaperState.CONFIRMED, actor, at)
        entry = _give(act, subject, paper, at)
        if paper.text.dissemination:
            enter_choices(entry, paper.choices)
        issuing.issue(entry)
        act.record(Fact.PAPER_CONFIRMED.value, subject=subject.pk, reason=f"{paper.purpose} {paper.text.version}")
    return entry


def _give(act: Scope, subject: Subject, paper: PaperConsent, at: datetime) -> LedgerEntry:
    try:
        return enter_given(
            act,
            subject=subject,
            text=paper.text,
            language=paper.language,
            channel=Channel(paper.way),
            given_by=paper.given_by,
            at=at,
            said_on=day_of(paper.received_at),
            paper=paper,
        )
    except ObjectedSince:
        raise Overtaken(paper.purpose) from None


def refuse(*, paper_id: UUID, why: PaperRefusal, actor: Actor, at: datetime) -> None:
    """Raises SecondPersonNeeded, NotWaiting."""
    paper = PaperConsent.objects.select_related("text").get(pk=paper_id)
    with processing(PURPOSE, actor=actor, reason=f"consent {paper.purpose}") as act:
        lock(paper.subject_id)
        _decide(paper, PaperState.REFUSED, actor, at, refusal=why)
        act.record(Fact.PAPER_REFUSED.value, subject=paper.subject_id, reason=f"{paper.purpose} {why.value}")


def _ensure_newest_word(last: LedgerEntry | None, received_at: datetime, *, entered_at: datetime) -> None:
    """Of the day of receipt only the day is known: a withdrawal of the same day overtakes what lay here before it."""
    if last and not last.is_given and (last.at > entered_at or day_of(last.at) > day_of(received_at)):
        raise Overtaken(last.purpose)


def _check(entering: Entering, text: ConsentTextVersion) -> None:
    purpose = current().purposes.get(text.purpose)
    if purpose is None or not purpose.needs_consent:
        raise NotTheTextShown(text.purpose)
    needs_more = text.form == "written" or text.confirmation != "none" or text.dissemination
    if entering.way == Way.TELEPHONE and (needs_more or entering.given_by != GivenBy.SUBJECT):
        raise NotByThisWay(text.purpose)
    proof = entering.document if entering.way == Way.PAPER else entering.caller
    if not proof:
        raise Incomplete("document" if entering.way == Way.PAPER else "caller")
    if entering.given_by != GivenBy.SUBJECT:
        _check_authority(entering)
    if text.dissemination:
        check_choices(text.purpose, entering.choices)


def _check_authority(entering: Entering) -> None:
    needed: dict[str, Any] = {
        "representative": entering.representative,
        "authority": entering.authority,
        "authority_until": entering.authority_until,
        "authority_document": entering.authority_document,
    }
    for name, value in needed.items():
        if not value:
            raise Incomplete(name)
    assert entering.authority_until
    if entering.authority_until < entering.received_at.astimezone(operator_zone()).date():
        raise NoAuthority


def _decide(paper: PaperConsent, state: PaperState, actor: Actor, at: datetime, refusal: str = "") -> None:
    who = UUID(actor.id)
    if who == paper.author:
        raise SecondPersonNeeded
    waiting = PaperConsent.objects.filter(pk=paper.pk, state=PaperState.WAITING)
    if not waiting.update(state=state, decided_by=who, decided_at=at, refusal=refusal):
        raise NotWaiting
