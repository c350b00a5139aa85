"""The acts on a request: filed by a person; taken, answered or refused by staff. Each is one declared transaction."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.urls import reverse

from law.deadlines import due
from notifications.services import send
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from retention import receipts
from retention.services import start_clock
from subject_requests.facts import Fact
from subject_requests.kinds import OUTCOME_OF, Channel, Outcome, RequestKind, State
from subject_requests.models import Author, Message, Request, RequestStep, next_number
from subject_requests.norms import norms_for

PURPOSE: Final = "rights"
DESTRUCTION_TRIGGER: Final = "account_deleted"


class AlreadyAsked(Exception):
    """A request to destroy everything is open already."""


class NotFree(Exception):
    """Somebody else has taken the request, or it is closed."""


class NotInYourHands(Exception):
    """Only the one who has taken a request closes it, and only once."""


class NothingWritten(ValueError):
    """An answer or a refusal needs words."""


class WrongNorm(ValueError):
    """The norm does not allow refusing this kind of request."""


def file_request(
    *,
    subject_id: UUID,
    kind: RequestKind,
    text: str,
    language: str,
    actor: Actor,
    at: datetime,
    channel: Channel = Channel.PORTAL,
) -> Request:
    """Takes the request in and starts its clock at `at`. Words are optional: the kind says what is wanted."""
    term = due(kind.rule, at)
    number = next_number(term.received_on.year)
    with processing(PURPOSE, actor=actor, reason=number) as act:
        filed = Request(
            number=number,
            subject_id=subject_id,
            kind=kind,
            channel=channel,
            language=language,
            received_at=at,
            rule=term.rule.id,
            due_on=term.due_on,
            due_at=term.due_at,
            target_on=term.target_on,
            counted_days=list(term.counted_days),
            provisional=term.provisional,
        )
        _save_new(filed)
        if text.strip():
            _write(filed, text, Author.PERSON, actor, at)
        _step(filed, "", State.NEW, actor, at)
        _tell(filed, "request_received", at)
        _record(act, Fact.REQUEST_FILED, filed)
    return filed


def take(*, request_id: UUID, actor: Actor, at: datetime) -> None:
    """Of two who take at once one gets NotFree."""
    taken = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=taken.number) as act:
        free = Request.objects.filter(pk=request_id, state=State.NEW)
        if not free.update(state=State.TAKEN, taken_by=actor.id, taken_at=at):
            raise NotFree
        _step(taken, State.NEW, State.TAKEN, actor, at)
        _record(act, Fact.REQUEST_TAKEN, taken)


def answer(*, request_id: UUID, text: str, actor: Actor, at: datetime) -> None:
    """Grants what was asked. To destroy means: blocked now, destroyed when the term of the request ends."""
    if not text.strip():
        raise NothingWritten
    answered = Request.objects.get(pk=request_id)
    outcome = OUTCOME_OF[RequestKind(answered.kind)]
    with processing(PURPOSE, actor=actor, reason=answered.number) as act:
        _close(answered, State.ANSWERED, actor, at, outcome=outcome)
        _write(answered, text, Author.STAFF, actor, at)
        if outcome == Outcome.DESTRUCTION_STARTED:
            _start_destruction(answered, actor, at)
            _tell(answered, "request_destruction_started", at, receipt_url=receipts.url_for(answered.subject_id))
        else:
            _tell(answered, "request_answered", at)
        _record(act, Fact.REQUEST_ANSWERED, answered)


def refuse(*, request_id: UUID, norm: str, text: str, actor: Actor, at: datetime) -> None:
    """Refuses by a norm of the law, in words that say why."""
    if not text.strip():
        raise NothingWritten
    refused = Request.objects.get(pk=request_id)
    if norm not in {allowed.code for allowed in norms_for(RequestKind(refused.kind))}:
        raise WrongNorm(norm)
    with processing(PURPOSE, actor=actor, reason=refused.number) as act:
        _close(refused, State.REFUSED, actor, at, refusal_norm=norm)
        _write(refused, text, Author.STAFF, actor, at)
        _tell(refused, "request_refused", at)
        _record(act, Fact.REQUEST_REFUSED, refused)


def _save_new(filed: Request) -> None:
    try:
        filed.save(force_insert=True)
    except IntegrityError as error:
        if "request_one_open_destruction" in str(error):
            raise AlreadyAsked from None
        raise


def _close(request: Request, state: State, actor: Actor, at: datetime, **values: str) -> None:
    mine = Request.objects.filter(pk=request.pk, state=State.TAKEN, taken_by=actor.id)
    if not mine.update(state=state, closed_by=actor.id, closed_at=at, **values):
        raise NotInYourHands
    _step(request, State.TAKEN, state, actor, at)


def _start_destruction(answered: Request, actor: Actor, at: datetime) -> None:
    """The thirty days of article 21, part 5 run from the receipt of the request, not from our answer."""
    answered.subject.block(at=at)
    start_clock(subject_id=answered.subject_id, trigger=DESTRUCTION_TRIGGER, at=answered.received_at, actor=actor)


def _write(request: Request, text: str, author: Author, actor: Actor, at: datetime) -> None:
    author_id = actor.id if author == Author.STAFF else None
    Message.objects.create(
        request=request, subject_id=request.subject_id, author=author, author_id=author_id, written_at=at, text=text
    )


def _step(request: Request, before: str, after: State, actor: Actor, at: datetime) -> None:
    RequestStep.objects.create(
        request=request,
        subject_id=request.subject_id,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        state_before=before,
        state_after=after,
    )


def _tell(request: Request, template: str, at: datetime, **details: str) -> None:
    """A mail that says where to look, and nothing about the person. What opens a door goes sealed into `details`."""
    page = settings.BASE_URL + reverse("requests:one", args=[request.pk])
    send(
        subject_id=request.subject_id,
        template=template,
        context={"number": request.number, "url": page, "due_on": request.due_on.isoformat()},
        details=details,
        language=request.language,
        at=at,
        purpose=PURPOSE,
    )


def _record(act: Scope, fact: Fact, request: Request) -> None:
    act.record(fact.value, subject=request.subject_id, categories=("request",), reason=request.number)
