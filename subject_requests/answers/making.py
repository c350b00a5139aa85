"""Making an answer off the request: asked for by staff, done by the worker, seen as it goes on, and stopped."""

import hashlib
import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.utils import translation

from accounts.reasons import RevealReason
from personal_data.errors import Destroyed
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from retention.expiring import expiry_of
from subject_requests.answering import WhoIsIt
from subject_requests.answers.archive import pack
from subject_requests.answers.document import Asked, Made, make_document
from subject_requests.answers.facts import Fact
from subject_requests.course import NotInYourHands
from subject_requests.kinds import OPEN_STATES, RequestKind
from subject_requests.models import AnswerFile, AnswerSet, AnswerState, Request
from subject_requests.models.answers import STEPS
from subject_requests.thread import PURPOSE

logger = logging.getLogger(__name__)

MAKER: Final = Actor.system("answers")
#: A worker that says nothing for so long has died: another one begins anew.
GIVEN_UP_AFTER: Final = timedelta(minutes=10)


class NotAskedFor(ValueError):
    """The request does not ask what is held."""


class AtWork(Exception):
    """An answer to this request is being made already."""


class Stopped(Exception):
    """Staff have asked to stop."""


def ask_for(*, request_id: UUID, actor: Actor, at: datetime, left_out: Collection[UUID] = ()) -> AnswerSet:
    """A row that the worker finds. `left_out`: rows whose texts speak of other people; a gap stands in their place.
    Raises NotAskedFor, WhoIsIt, NotInYourHands, AtWork, Destroyed."""
    request = Request.objects.get(pk=request_id)
    if not request.asks(RequestKind.ACCESS):
        raise NotAskedFor
    if not request.may_disclose:
        raise WhoIsIt(str(request.pk))
    if request.state not in OPEN_STATES or str(request.taken_by) != actor.id:
        raise NotInYourHands
    if Subject.objects.filter(pk=request.person_id).exclude(destroyed_at=None).exists():
        raise Destroyed(str(request.person_id))
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        made = AnswerSet(
            request=request,
            subject_id=request.person_id,
            language=request.language,
            asked_by=UUID(actor.id),
            asked_at=at,
            left_out=sorted(left_out),
        )
        try:
            made.save(force_insert=True)
        except IntegrityError as error:
            raise _named(error) from None
        act.record(Fact.ASKED.value, subject=request.person_id, reason=request.number)
        hurry(made.pk)
    return made


def hurry(answer_id: UUID) -> None:
    from subject_requests.answers.tasks import make_answer

    make_answer.delay_on_commit(str(answer_id))


def stop(*, answer_id: UUID, at: datetime) -> bool:
    """Before the worker has begun at once, else at its next step. False when there is nothing to stop."""
    waiting = AnswerSet.objects.filter(pk=answer_id, state=AnswerState.WAITING)
    if waiting.update(state=AnswerState.STOPPED, stop_asked_at=at):
        return True
    going = AnswerSet.objects.filter(pk=answer_id, state=AnswerState.MAKING, stop_asked_at=None)
    return bool(going.update(stop_asked_at=at))


def make(answer_id: UUID, *, at: datetime) -> bool:
    """Makes what was asked for, once, whoever calls. False when it is not waiting, or was stopped."""
    if not AnswerSet.objects.filter(pk=answer_id, state=AnswerState.WAITING).update(
        state=AnswerState.MAKING, started_at=at
    ):
        return False
    answer = AnswerSet.objects.select_related("request").get(pk=answer_id)
    mine = AnswerSet.objects.filter(pk=answer_id, state=AnswerState.MAKING)
    try:
        with translation.override(answer.language):
            _make(answer, at)
    except Stopped:
        mine.update(state=AnswerState.STOPPED)
        return False
    except BaseException:
        mine.update(state=AnswerState.FAILED)
        raise
    return True


def make_waiting(*, at: datetime) -> int:
    """What the broker lost, and what a worker left when it died. How many were made."""
    lost = AnswerSet.objects.filter(state=AnswerState.MAKING, started_at__lt=at - GIVEN_UP_AFTER)
    lost.update(state=AnswerState.WAITING, done=0)
    waiting = AnswerSet.objects.filter(state=AnswerState.WAITING).order_by("asked_at")
    return sum(make(answer_id, at=at) for answer_id in waiting.values_list("pk", flat=True))


def _make(answer: AnswerSet, at: datetime) -> None:
    """Nothing holds a transaction while the PDF is set."""
    made, files = _gather(answer, at)
    _step(answer)
    archive = pack(made.document, files, on_step=lambda: _step(answer))
    _keep(answer, made, archive, at)


def _gather(answer: AnswerSet, at: datetime) -> tuple[Made, dict[str, bytes]]:
    request = answer.request
    asked = Asked(number=request.number, received_at=request.received_at, left_out=answer.left_out)
    reason = RevealReason.ANSWER.for_log(request.number)
    with processing(PURPOSE, actor=MAKER, reason=reason):
        made = make_document(answer.subject_id, at=at, asked=asked)
        return made, {name: file.read() for name, file in made.files.items()}


def _keep(answer: AnswerSet, made: Made, archive: bytes, at: datetime) -> None:
    number = answer.request.number
    with processing(PURPOSE, actor=MAKER, reason=number) as act:
        AnswerFile.objects.create(
            answer=answer,
            subject_id=answer.subject_id,
            archive=ContentFile(archive, name=f"answer-{number}.zip"),
            expires_at=expiry_of(AnswerFile.EXPIRES_BY, at),
        )
        going = AnswerSet.objects.filter(pk=answer.pk, state=AnswerState.MAKING, stop_asked_at=None)
        if not going.update(
            state=AnswerState.READY,
            made_at=max(at, answer.asked_at),
            done=STEPS,
            counts=dict(made.counts),
            files=len(made.files),
            events=len(made.document["log"]["events"]),
            sha256=hashlib.sha256(archive).hexdigest(),
        ):
            raise Stopped
        act.record(Fact.MADE.value, subject=answer.subject_id, reason=number)


def _step(answer: AnswerSet) -> None:
    answer.done += 1
    if not AnswerSet.objects.filter(pk=answer.pk, state=AnswerState.MAKING, stop_asked_at=None).update(
        done=answer.done
    ):
        raise Stopped


def _named(error: IntegrityError) -> Exception:
    if "answer_set_one_at_work" in str(error):
        return AtWork()
    return WhoIsIt() if "answer_set_is_for_somebody_known" in str(error) else error
