"""What a message turns out not to ask for, which consents its withdrawal is of, and which data it shows to be unlawful
or not needed. Nothing vanishes: what was dropped stays in sight with its reason and its clock, and may be added again.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from personal_data.scope import processing
from processing_log.actors import Actor
from profiles import current
from subject_requests import clocks, contested, effects, thread
from subject_requests.contested import Chosen
from subject_requests.course import NotInYourHands
from subject_requests.facts import Fact
from subject_requests.filing import do_at_once, lock_open
from subject_requests.kinds import OUTCOME_OF, Contest, DropReason, Met, RequestKind, State
from subject_requests.models import DroppedKind, Request
from subject_requests.thread import PURPOSE


class OnlyKind(Exception):
    """A request asks for something: add the right kind first, then drop the wrong one, or refuse."""


class NotKnownWhose(Exception):
    """It is not established whose data it is."""


class CarriedOut(Exception):
    """It was done already, and is in force: it can be undone, not unasked."""


def drop_kind(*, request_id: UUID, kind: RequestKind, why: DropReason, actor: Actor, at: datetime) -> None:
    """By whoever has the request in hand. A clock that another kind has started too runs on. Raises NotOpen,
    NotInYourHands, OnlyKind, CarriedOut."""
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        if request.state not in (State.TAKEN, State.WAITING) or str(request.taken_by) != actor.id:
            raise NotInYourHands
        if kind not in request.kinds:
            return
        left = [each for each in request.asked if each != kind]
        if not left:
            raise OnlyKind(str(request.pk))
        if OUTCOME_OF[kind] in request.outcomes:
            raise CarriedOut(str(request.pk))
        DroppedKind.objects.create(
            request=request, subject_id=request.subject_id, kind=kind, reason=why, dropped_by=actor.id, dropped_at=at
        )
        if kind in effects.CHECKED_UNDER_A_BLOCK:
            effects.end_check(request, [kind])
            request.contested_parts.filter(ground=Contest.UNNEEDED).delete()
        request.kinds = left
        request.save(update_fields=["kinds"])
        still = {rule for each in left for rule in each.rules}
        clocks.meet(request, set(kind.rules) - still, how=Met.DROPPED, at=at)
        thread.record(act, Fact.REQUEST_NARROWED, request)


def choose_consents(*, request_id: UUID, consents: Collection[str] | None, actor: Actor, at: datetime) -> None:
    """Which ones the person withdraws; None: all, as they say. Carried out at once if it is known who asks. Raises
    NotOpen, CarriedOut."""
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        if OUTCOME_OF[RequestKind.WITHDRAWAL] in request.outcomes:
            raise CarriedOut(str(request.pk))
        request.consents = None if consents is None else sorted(consents)
        request.save(update_fields=["consents"])
        thread.record(act, Fact.CONSENTS_CHOSEN, request)
        if request.asks(RequestKind.WITHDRAWAL):
            do_at_once(act, request, [RequestKind.WITHDRAWAL], actor=actor, at=at)


def choose_parts(*, request_id: UUID, chosen: Chosen, actor: Actor, at: datetime) -> None:
    """What of the data is unlawful or not needed, as the person has shown; nothing is destroyed before the request is
    granted. Raises NotOpen, NotInYourHands, NotKnownWhose, contested.NothingChosen, retention.values.NotAlone,
    retention.ordering.NothingHeld."""
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        if request.state not in (State.TAKEN, State.WAITING) or str(request.taken_by) != actor.id:
            raise NotInYourHands
        if not request.is_identified:
            raise NotKnownWhose(str(request.pk))
        contested.write_down(request, Contest.UNNEEDED, chosen, actor=actor, at=at)
        thread.record(act, Fact.PARTS_CHOSEN, request)


def withdrawable() -> list[tuple[str, str]]:
    """The purposes that rest on consent, by code, with their titles in the reader's language."""
    return [
        (purpose.code, thread.in_language(purpose.title))
        for purpose in current().purposes.values()
        if purpose.needs_consent
    ]
