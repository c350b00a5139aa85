"""Processing that turns out to be unlawful (152-FZ, article 21, part 3), by whatever request it came out: it is stopped
at once, and the data is destroyed in ten working days unless the processing can be made lawful."""

from datetime import datetime
from typing import Final
from uuid import UUID

from law.calendar import ProductionCalendar
from law.deadlines import due
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from profiles import current
from retention.services import cancel_clock, start_clock
from subject_requests import clocks, thread
from subject_requests.clocks import DESTROY_UNLAWFUL, NothingWritten
from subject_requests.corrections import owe_notices
from subject_requests.effects import end_check
from subject_requests.facts import Fact
from subject_requests.filing import lock_open
from subject_requests.kinds import Author, MessageKind, Met, RequestKind
from subject_requests.models import Request
from subject_requests.thread import PURPOSE

TRIGGER: Final = "unlawful_found"
STOP: Final = "D08"
RULES: Final = (STOP, DESTROY_UNLAWFUL)


class NotKnownWhose(Exception):
    """It is not established whose data it is."""


class NotYetFound(ValueError):
    """Nothing is found tomorrow."""


class NotFound(Exception):
    """Nobody has found unlawful processing here, or it was made lawful."""


def note_unlawful(*, request_id: UUID, found_at: datetime, text: str, actor: Actor, at: datetime) -> None:
    """Blocks, tells who has to be told outside, and starts both terms from the moment it was found. What was found is
    kept as a note. Done twice it is done once. Raises NothingWritten, NotYetFound, NotOpen, NotKnownWhose,
    retention.rules.NotForThisKind."""
    if not text.strip():
        raise NothingWritten
    if found_at > at:
        raise NotYetFound
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        if not request.is_identified:
            raise NotKnownWhose(str(request.pk))
        calendar = ProductionCalendar.current()
        terms = [(request.asked[0], due(rule, found_at, calendar=calendar)) for rule in RULES]
        clocks.start(request, terms, started_at=found_at)
        Subject.objects.get(pk=request.person_id).block(at=at)
        start_clock(subject_id=request.person_id, trigger=TRIGGER, at=found_at, actor=actor)
        owe_notices(request, set(current().categories), at=at)
        thread.write(request, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.NOTE, shown=False)
        thread.record(act, Fact.UNLAWFUL_FOUND, request)


def note_lawful(*, request_id: UUID, text: str, actor: Actor, at: datetime) -> None:
    """The processing has been made lawful: nothing is destroyed for this. How, is kept as a note. Raises
    NothingWritten, NotOpen, NotFound."""
    if not text.strip():
        raise NothingWritten
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        if not request.clocks.running().filter(rule=DESTROY_UNLAWFUL).exists():
            raise NotFound(str(request.pk))
        cancel_clock(subject_id=request.person_id, trigger=TRIGGER, actor=actor, at=at)
        clocks.meet(request, RULES, how=Met.MADE_LAWFUL, at=at)
        end_check(request, list(RequestKind))
        thread.write(request, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.NOTE, shown=False)
        thread.record(act, Fact.MADE_LAWFUL, request)
