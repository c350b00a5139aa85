"""Who has a request in hand, and what is said on the way: take, release, hand over, ask the person, take back."""

from datetime import datetime
from uuid import UUID

from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import clocks, effects, strangers, thread
from subject_requests.clocks import NothingWritten
from subject_requests.facts import Fact
from subject_requests.filing import NotOpen
from subject_requests.kinds import OPEN_STATES, Author, MessageKind, Met, RequestKind, State
from subject_requests.models import Message, Request
from subject_requests.thread import PURPOSE


class NotFree(Exception):
    """Somebody else has taken the request, or it is closed."""


class NotInYourHands(Exception):
    """Only the one who has the request in hand does this, and only while it is open."""


def take(*, request_id: UUID, actor: Actor, at: datetime) -> None:
    """Of two who take at once one gets NotFree."""
    taken = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=taken.number) as act:
        free = Request.objects.filter(pk=request_id, state=State.NEW)
        if not free.update(state=State.TAKEN, taken_by=actor.id, taken_at=at):
            raise NotFree
        thread.step(taken, State.NEW, State.TAKEN, actor=actor, at=at, holder=actor.id)
        thread.record(act, Fact.REQUEST_TAKEN, taken)


def release(*, request_id: UUID, actor: Actor, at: datetime) -> None:
    """Back to the queue. Raises NotInYourHands."""
    released = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=released.number) as act:
        mine = Request.objects.filter(pk=request_id, state__in=[State.TAKEN, State.WAITING], taken_by=actor.id)
        if not mine.update(state=State.NEW, taken_by=None, taken_at=None):
            raise NotInYourHands
        thread.step(released, released.state, State.NEW, actor=actor, at=at)
        thread.record(act, Fact.REQUEST_RELEASED, released)


def hand_over(*, request_id: UUID, to: UUID, actor: Actor, at: datetime) -> None:
    """To another of the staff, whoever has it: somebody may be away. Raises NotOpen."""
    given = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=given.number) as act:
        after = State(given.state) if given.state in (State.TAKEN, State.WAITING, State.PROPOSED) else State.TAKEN
        open_one = Request.objects.filter(pk=request_id, state=given.state).filter(state__in=OPEN_STATES)
        if not open_one.update(state=after, taken_by=to, taken_at=given.taken_at or at):
            raise NotOpen
        thread.step(given, given.state, after, actor=actor, at=at, holder=to)
        thread.record(act, Fact.REQUEST_HANDED_OVER, given)


def ask(*, request_id: UUID, text: str, actor: Actor, at: datetime) -> None:
    """Asks the person for what is missing. No clock stops for it. Raises NothingWritten, NotInYourHands."""
    if not text.strip():
        raise NothingWritten
    asked = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=asked.number) as act:
        mine = Request.objects.filter(pk=request_id, state__in=[State.TAKEN, State.WAITING], taken_by=actor.id)
        if not mine.update(state=State.WAITING):
            raise NotInYourHands
        thread.write(asked, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.QUESTION)
        thread.step(asked, asked.state, State.WAITING, actor=actor, at=at, holder=actor.id)
        thread.tell(asked, "request_question", at)
        thread.record(act, Fact.REQUEST_WAITS, asked)


def resume(*, request_id: UUID, actor: Actor, at: datetime) -> None:
    """Nobody has to wait any longer. Raises NotInYourHands."""
    resumed = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=resumed.number) as act:
        mine = Request.objects.filter(pk=request_id, state=State.WAITING, taken_by=actor.id)
        if not mine.update(state=State.TAKEN):
            raise NotInYourHands
        thread.step(resumed, State.WAITING, State.TAKEN, actor=actor, at=at, holder=actor.id)
        thread.record(act, Fact.REQUEST_RESUMED, resumed)


def note(*, request_id: UUID, text: str, actor: Actor, at: datetime) -> Message:
    """For colleagues; the person never sees it on this page. Raises NothingWritten."""
    if not text.strip():
        raise NothingWritten
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number):
        return thread.write(request, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.NOTE, shown=False)


def write_to_person(*, request_id: UUID, text: str, actor: Actor, at: datetime) -> None:
    """A word in between that asks nothing. Raises NothingWritten, NotInYourHands."""
    if not text.strip():
        raise NothingWritten
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        if not Request.objects.filter(pk=request_id, state__in=OPEN_STATES, taken_by=actor.id).exists():
            raise NotInYourHands
        thread.write(request, text, author=Author.STAFF, actor=actor, at=at)
        thread.tell(request, "request_question", at)
        thread.record(act, Fact.REQUEST_WRITTEN_TO, request)


def add_words(*, request_id: UUID, text: str, actor: Actor, at: datetime) -> Message:
    """The person writes more. Whoever waited for it has the request on the desk again. Raises NothingWritten,
    NotOpen."""
    if not text.strip():
        raise NothingWritten
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = Request.objects.select_for_update().get(pk=request_id)
        if not request.is_open:
            raise NotOpen(str(request_id))
        written = thread.write(request, text, author=Author.PERSON, actor=actor, at=at)
        if request.state == State.WAITING:
            Request.objects.filter(pk=request_id).update(state=State.TAKEN)
            thread.step(request, State.WAITING, State.TAKEN, actor=actor, at=at, holder=request.taken_by)
            thread.record(act, Fact.REQUEST_RESUMED, request)
    return written


def withdraw(*, request_id: UUID, actor: Actor, at: datetime) -> None:
    """The person takes the request back. What was carried out already stays so. Raises NotOpen."""
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = Request.objects.select_for_update().get(pk=request_id)
        if not request.is_open:
            raise NotOpen(str(request_id))
        Request.objects.filter(pk=request_id).update(
            state=State.WITHDRAWN, closed_at=at, refusal_norm="", proposed_by=None, proposed_at=None
        )
        clocks.meet_all(request, how=Met.WITHDRAWN, at=at)
        effects.end_check(request, [RequestKind.UNNEEDED])
        thread.step(request, request.state, State.WITHDRAWN, actor=actor, at=at)
        thread.record(act, Fact.REQUEST_WITHDRAWN, request)
        strangers.forget_in_time(request.subject_id, at=at, actor=actor)
