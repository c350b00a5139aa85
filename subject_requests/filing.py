"""Taking a request in, by whatever channel: its clocks start at receipt, and what can be done at once is done at once.
Finding out who asks, or that more is asked for, comes later and stops nothing."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from law.deadlines import operator_zone
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from subject_requests import clocks, drafts, effects, strangers, thread
from subject_requests.facts import Fact
from subject_requests.kinds import (
    OUTCOME_OF,
    Author,
    Channel,
    Identity,
    MessageKind,
    Met,
    Outcome,
    RequestKind,
    State,
    in_order,
)
from subject_requests.models import Correction, Request, next_number
from subject_requests.thread import PURPOSE


class AlreadyAsked(Exception):
    """A request to destroy everything is open already."""


class NothingAsked(ValueError):
    """A request is of at least one kind."""


class NotOpen(Exception):
    """The request is closed."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Where the paper lies, and how many sheets it has."""

    place: str
    sheets: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A value that the person wants in the place of the one that is held."""

    field: str
    value: str
    needs_proof: bool = False


def file_request(
    *,
    subject_id: UUID,
    kinds: Iterable[RequestKind],
    text: str,
    language: str,
    actor: Actor,
    at: datetime,
    entered_at: datetime | None = None,
    channel: Channel = Channel.PORTAL,
    identity: Identity = Identity.SESSION,
    by_representative: bool = False,
    paper: Paper | None = None,
    corrections: Sequence[Wanted] = (),
    consents: Sequence[str] | None = None,
    acknowledged_by: str = "request_received",
    is_guessed: bool = False,
) -> Request:
    """`at` is the receipt, from which every clock runs; `entered_at` when staff put in what came on paper. Words are
    optional: the kinds say what is wanted, or what a letter seems to want (`is_guessed`), and then nothing is answered
    before staff have read it. `consents` are the purposes that a withdrawal is of; none at all: staff choose later;
    None: all of them. `acknowledged_by` is the mail that says so, none if the caller sees to it. Raises
    AlreadyAsked, NothingAsked."""
    asked = in_order(kinds)
    if not asked:
        raise NothingAsked
    if is_guessed:
        consents = consents or ()
    terms = clocks.terms_of(asked, at)
    number = next_number(at.astimezone(operator_zone()).year)
    first = min((term for _kind, term in terms), key=lambda term: term.due_at)
    entered_at = entered_at or at
    with processing(PURPOSE, actor=actor, reason=number) as act:
        filed = Request(
            number=number,
            subject_id=subject_id,
            kinds=asked,
            channel=channel,
            language=language,
            received_at=at,
            entered_at=entered_at,
            identity=identity,
            identified_at=entered_at if identity.is_established else None,
            identified_by=_staff_id(actor) if identity.is_established else None,
            by_representative=by_representative,
            consents=None if consents is None else sorted(consents),
            paper_place=paper.place if paper else "",
            paper_sheets=paper.sheets if paper else None,
            due_on=first.due_on,
            due_at=first.due_at,
            target_on=first.target_on,
            provisional=first.provisional,
        )
        _save_new(filed)
        clocks.start(filed, terms)
        if text.strip():
            thread.write(filed, text, author=Author.PERSON, actor=actor, at=at)
        for wanted in corrections:
            Correction.objects.create(
                request=filed,
                subject_id=subject_id,
                field=wanted.field,
                value=wanted.value,
                needs_proof=wanted.needs_proof,
            )
        thread.step(filed, "", State.NEW, actor=actor, at=entered_at)
        thread.record(act, Fact.REQUEST_FILED, filed)
        do_at_once(act, filed, asked, actor=actor, at=entered_at)
        filed.refresh_from_db()
        is_answered = not is_guessed and _answer_by_itself(act, filed, at=entered_at)
        if acknowledged_by and not is_answered:
            thread.tell(filed, acknowledged_by, entered_at)
    return filed


def add_kinds(*, request_id: UUID, kinds: Iterable[RequestKind], actor: Actor, at: datetime) -> None:
    """The message turns out to ask for more: the new clocks too run from its receipt. Raises NotOpen, AlreadyAsked."""
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        new = [kind for kind in in_order(kinds) if kind not in request.kinds]
        if not new:
            return
        request.kinds = in_order([*request.kinds, *new])
        if RequestKind.WITHDRAWAL in new and actor.kind in thread.DESK_ACTORS:
            request.consents = []
        _save_new(request, update_fields=["kinds", "consents"])
        clocks.start(request, clocks.terms_of(new, request.received_at))
        thread.record(act, Fact.REQUEST_WIDENED, request)
        do_at_once(act, request, new, actor=actor, at=at)


def identify(*, request_id: UUID, identity: Identity, actor: Actor, at: datetime, about_id: UUID | None = None) -> None:
    """Now it is known who asks, and whose data is meant if another's than the writer's. The clocks go on as they ran;
    what could not be done at once is done now. Raises NotOpen."""
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        request.identity = identity
        request.identified_at = at
        request.identified_by = _staff_id(actor)
        if about_id and about_id != request.subject_id:
            request.about_id = about_id
        request.save(update_fields=["identity", "identified_at", "identified_by", "about"])
        thread.record(act, Fact.REQUEST_IDENTIFIED, request)
        do_at_once(act, request, request.asked, actor=actor, at=at)


def check_authority(*, request_id: UUID, actor: Actor, at: datetime) -> None:
    """Somebody of the staff has seen the document by which a representative speaks. Raises NotOpen."""
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        request.authority_checked_at, request.authority_checked_by = at, _staff_id(actor)
        request.save(update_fields=["authority_checked_at", "authority_checked_by"])
        thread.record(act, Fact.AUTHORITY_CHECKED, request)
        do_at_once(act, request, request.asked, actor=actor, at=at)


def do_at_once(act: Scope, request: Request, kinds: Iterable[RequestKind], *, actor: Actor, at: datetime) -> None:
    outcomes = list(request.outcomes)
    for kind in kinds:
        if kind in effects.CHECKED_UNDER_A_BLOCK and request.may_disclose and OUTCOME_OF[kind] not in outcomes:
            effects.block_for_the_check(request, at=at)
            clocks.meet(request, effects.CHECKED_UNDER_A_BLOCK[kind], how=Met.AT_ONCE, at=max(at, request.received_at))
        if kind not in effects.AT_ONCE or not effects.may_be_carried_out(request, kind):
            continue
        with suppress(effects.NobodyToWriteTo):
            outcome = effects.carry_out(request, kind, actor=actor, at=at)
            if outcome not in outcomes:
                outcomes.append(outcome)
                clocks.meet(request, effects.AT_ONCE[kind], how=Met.AT_ONCE, at=max(at, request.received_at))
                thread.record(act, Fact.REQUEST_CARRIED_OUT, request)
    if outcomes != request.outcomes:
        Request.objects.filter(pk=request.pk).update(outcomes=[Outcome(outcome) for outcome in outcomes])
        request.outcomes = outcomes


def _answer_by_itself(act: Scope, request: Request, *, at: datetime) -> bool:
    """Where the portal has done all there is to do, nobody has to wait for a person to say so."""
    if not set(request.asked) <= effects.ANSWERED_BY_THE_PORTAL or request.clocks.running().exists():
        return False
    portal = Actor.system("desk")
    thread.write(request, drafts.answer_to(request), author=Author.PORTAL, actor=portal, at=at, kind=MessageKind.ANSWER)
    Request.objects.filter(pk=request.pk).update(state=State.ANSWERED, closed_at=at)
    thread.step(request, State.NEW, State.ANSWERED, actor=portal, at=at)
    thread.tell(request, "request_answered", at)
    thread.record(act, Fact.REQUEST_ANSWERED, request)
    strangers.forget_in_time(request.subject_id, at=at, actor=portal)
    request.refresh_from_db()
    return True


def lock_open(request_id: UUID) -> Request:
    request = Request.objects.select_for_update().get(pk=request_id)
    if not request.is_open:
        raise NotOpen(str(request_id))
    return request


def _save_new(request: Request, update_fields: Sequence[str] | None = None) -> None:
    try:
        request.save(force_insert=update_fields is None, update_fields=update_fields)
    except IntegrityError as error:
        if "request_one_open_destruction" in str(error):
            raise AlreadyAsked from None
        raise


def _staff_id(actor: Actor) -> UUID | None:
    return UUID(actor.id) if actor.kind in thread.DESK_ACTORS else None
