"""The two ends: an answer, which grants what was asked, and a refusal, which takes two people and a norm of the law."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from personal_data.scope import Scope, processing
from processing_log.actors import Actor, ActorKind
from retention import receipts
from subject_requests import clocks, corrections, effects, parts_gone, strangers, thread
from subject_requests.answers import giving
from subject_requests.clocks import DESTROYED_BY, NothingWritten
from subject_requests.course import NotInYourHands
from subject_requests.facts import Fact
from subject_requests.kinds import (
    DISCLOSE_NOTHING,
    OUTCOME_OF,
    Author,
    Contest,
    MessageKind,
    Met,
    Outcome,
    RequestKind,
    State,
)
from subject_requests.models import AnswerSet, Message, Request
from subject_requests.norms import norms_for
from subject_requests.thread import PURPOSE


class WrongNorm(ValueError):
    """The norm does not allow refusing what was asked."""


class WhoIsIt(Exception):
    """It is not established who asks, or by what right: nothing may be disclosed or done."""


class WhichConsents(Exception):
    """Nobody has said which consents the person withdraws."""


class CopyGoesToo(Exception):
    """The copy chosen for the answer holds what is to be destroyed, and would go with it."""


class NotTheSecondPerson(Exception):
    """A refusal is confirmed by somebody else than its author; one of the two is a privacy officer."""


class NotProposed(Exception):
    """There is no refusal that waits."""


def answer(*, request_id: UUID, text: str, actor: Actor, at: datetime) -> None:
    """Grants what was asked, and does it in the same transaction. To destroy means: blocked now, destroyed when the
    term of the request ends. Raises NothingWritten, NotInYourHands, WhoIsIt, WhichConsents, corrections.ProofMissing,
    effects.WillBeDestroyed, contested.WhichPart, CopyGoesToo, retention.values.NotAlone,
    retention.ordering.NothingHeld."""
    if not text.strip():
        raise NothingWritten
    asked = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=asked.number) as act:
        request = Request.objects.select_for_update().get(pk=request_id)
        if request.state not in (State.TAKEN, State.WAITING) or str(request.taken_by) != actor.id:
            raise NotInYourHands
        outcomes = _grant(act, request, actor, at)
        _write(request, text, MessageKind.ANSWER, actor, at)
        before = request.state
        Request.objects.filter(pk=request.pk).update(
            state=State.ANSWERED, closed_by=actor.id, closed_at=at, outcomes=outcomes
        )
        runs_on = [rule for kind, rule in DESTROYED_BY.items() if request.asks(kind)]
        clocks.meet_all(request, how=Met.ANSWERED, at=at, but=runs_on)
        thread.step(request, before, State.ANSWERED, actor=actor, at=at, holder=actor.id)
        request.refresh_from_db()
        parts_gone.meet(request, Contest.UNNEEDED)
        _tell_of_the_answer(request, at)
        thread.record(act, Fact.REQUEST_ANSWERED, request)
        strangers.forget_in_time(request.subject_id, at=at, actor=actor)


def propose_refusal(*, request_id: UUID, norm: str, text: str, actor: Actor, at: datetime) -> None:
    """The words are kept back until somebody else agrees. Raises NothingWritten, WrongNorm, NotInYourHands."""
    if not text.strip():
        raise NothingWritten
    proposed = Request.objects.get(pk=request_id)
    if norm not in {allowed.code for allowed in norms_for(proposed.asked)}:
        raise WrongNorm(norm)
    with processing(PURPOSE, actor=actor, reason=proposed.number) as act:
        mine = Request.objects.filter(pk=request_id, state__in=[State.TAKEN, State.WAITING], taken_by=actor.id)
        if not mine.update(state=State.PROPOSED, refusal_norm=norm, proposed_by=actor.id, proposed_at=at):
            raise NotInYourHands
        thread.write(proposed, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.REFUSAL, shown=False)
        thread.step(proposed, proposed.state, State.PROPOSED, actor=actor, at=at, holder=actor.id)
        thread.record(act, Fact.REFUSAL_PROPOSED, proposed)


def confirm_refusal(*, request_id: UUID, actor: Actor, at: datetime) -> None:
    """The second person agrees: the words go to the person. Raises NotProposed, NotTheSecondPerson."""
    refused = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=refused.number) as act:
        request = _locked_proposal(request_id)
        if not may_be_second(request, actor):
            raise NotTheSecondPerson
        Message.objects.filter(
            request_id=request_id, kind=MessageKind.REFUSAL, shown_at=None, written_at__gte=request.proposed_at or at
        ).update(shown_at=at)
        Request.objects.filter(pk=request_id).update(state=State.REFUSED, closed_by=actor.id, closed_at=at)
        clocks.meet_all(request, how=Met.REFUSED, at=at)
        effects.end_check(request, [RequestKind.BLOCKING, RequestKind.UNNEEDED])
        thread.step(request, State.PROPOSED, State.REFUSED, actor=actor, at=at, holder=request.taken_by)
        thread.tell(request, "request_refused", at)
        thread.record(act, Fact.REQUEST_REFUSED, request)
        strangers.forget_in_time(request.subject_id, at=at, actor=actor)


def return_refusal(*, request_id: UUID, text: str, actor: Actor, at: datetime) -> None:
    """The second person does not agree, or the author takes it back; `text` is a note for whoever has it. Raises
    NotProposed, NothingWritten."""
    if not text.strip():
        raise NothingWritten
    returned = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=returned.number) as act:
        request = _locked_proposal(request_id)
        thread.write(request, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.NOTE, shown=False)
        Request.objects.filter(pk=request_id).update(
            state=State.TAKEN, refusal_norm="", proposed_by=None, proposed_at=None
        )
        thread.step(request, State.PROPOSED, State.TAKEN, actor=actor, at=at, holder=request.taken_by)
        thread.record(act, Fact.REFUSAL_RETURNED, request)


def may_be_second(request: Request, actor: Actor) -> bool:
    """Another person; and a privacy officer, unless the one who proposed is one."""
    if str(request.proposed_by) == actor.id:
        return False
    if actor.kind == ActorKind.OFFICER:
        return True
    step = request.steps.filter(state_after=State.PROPOSED).last()
    return actor.kind == ActorKind.STAFF and step is not None and step.actor_kind == ActorKind.OFFICER


def _grant(act: Scope, request: Request, actor: Actor, at: datetime) -> list[Outcome]:
    outcomes = [Outcome(outcome) for outcome in request.outcomes]
    if request.awaits_consents:
        raise WhichConsents(str(request.pk))
    for kind in _left(request.asked, outcomes):
        outcome = OUTCOME_OF[kind]
        if outcome not in DISCLOSE_NOTHING and not request.may_disclose:
            raise WhoIsIt(str(request.pk))
        if kind == RequestKind.CLARIFICATION:
            corrections.apply_all(act, request, actor=actor, at=at)
        else:
            outcome = effects.carry_out(request, kind, actor=actor, at=at)
        outcomes.append(outcome)
    copies = AnswerSet.objects.filter(request=request, attached_at__isnull=False, given_at=None)
    if Outcome.PART_ENDS in outcomes and copies.exists():
        raise CopyGoesToo(str(request.pk))
    return outcomes


def _left(kinds: Iterable[RequestKind], outcomes: list[Outcome]) -> list[RequestKind]:
    return [kind for kind in kinds if OUTCOME_OF[kind] not in outcomes]


def _write(request: Request, text: str, kind: MessageKind, actor: Actor, at: datetime) -> None:
    thread.write(request, text, author=Author.STAFF, actor=actor, at=at, kind=kind)


def _tell_of_the_answer(request: Request, at: datetime) -> None:
    if {Outcome.DESTRUCTION_STARTED, Outcome.UNNEEDED_ENDS} & set(request.outcomes):
        receipt = receipts.url_for(request.person_id)
        thread.tell(request, "request_destruction_started", at, receipt_url=receipt)
    elif Outcome.PART_ENDS in request.outcomes:
        parts_gone.tell(request, Contest.UNNEEDED, at=at)
    else:
        thread.tell(request, "request_answered", at, **giving.give(request, at=at))


def _locked_proposal(request_id: UUID) -> Request:
    request = Request.objects.select_for_update().get(pk=request_id)
    if request.state != State.PROPOSED:
        raise NotProposed(str(request_id))
    return request
