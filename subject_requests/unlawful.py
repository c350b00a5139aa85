"""Processing that turns out to be unlawful (152-FZ, article 21, part 3), by whatever request it came out: it is stopped
at once, and the data, or the part of it that was found, is destroyed in ten working days unless the processing can be
made lawful."""

from datetime import datetime
from typing import Final
from uuid import UUID

from law.calendar import ProductionCalendar
from law.deadlines import due
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from retention.services import cancel_clock, start_clock
from subject_requests import clocks, contested, thread
from subject_requests.clocks import DESTROY_UNLAWFUL, NothingWritten
from subject_requests.contested import Chosen
from subject_requests.corrections import owe_notices
from subject_requests.effects import end_finding
from subject_requests.facts import Fact
from subject_requests.filing import lock_open
from subject_requests.kinds import Author, Contest, MessageKind, Met
from subject_requests.models import Request
from subject_requests.narrowing import NotKnownWhose
from subject_requests.thread import PURPOSE

TRIGGER: Final = "unlawful_found"
STOP: Final = "D08"
RULES: Final = (STOP, DESTROY_UNLAWFUL)
EVERYTHING: Final = Chosen(everything=True)


class NotYetFound(ValueError):
    """Nothing is found tomorrow."""


class FoundBefore(Exception):
    """It was found here and made lawful; its term has run."""


class NotFound(Exception):
    """Nobody has found unlawful processing here, or it was made lawful."""


def note_unlawful(
    *, request_id: UUID, found_at: datetime, text: str, actor: Actor, at: datetime, chosen: Chosen = EVERYTHING
) -> None:
    """Blocks, tells who has to be told outside, and starts both terms from the moment it was found. What was found is
    kept as a note. Done twice it is done once. Raises NothingWritten, NotYetFound, NotOpen, NotKnownWhose,
    FoundBefore, contested.NothingChosen, retention.rules.NotForThisKind, retention.values.NotAlone,
    retention.ordering.NothingHeld."""
    if not text.strip():
        raise NothingWritten
    if found_at > at:
        raise NotYetFound
    request = Request.objects.get(pk=request_id)
    with processing(PURPOSE, actor=actor, reason=request.number) as act:
        request = lock_open(request_id)
        if not request.is_identified:
            raise NotKnownWhose(str(request.pk))
        if request.clocks.filter(rule=DESTROY_UNLAWFUL, met_at__isnull=False).exists():
            raise FoundBefore(str(request.pk))
        calendar = ProductionCalendar.current()
        terms = [(request.asked[0], due(rule, found_at, calendar=calendar)) for rule in RULES]
        clocks.start(request, terms, started_at=found_at)
        Subject.objects.get(pk=request.person_id).block(at=at)
        if contested.of(request, Contest.UNLAWFUL) is None:
            contested.write_down(request, Contest.UNLAWFUL, chosen, actor=actor, at=at)
            _end(request, chosen, found_at, actor, at)
        owe_notices(request, contested.affected(chosen), at=at)
        thread.write(request, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.NOTE, shown=False)
        thread.record(act, Fact.UNLAWFUL_FOUND, request)


def _end(request: Request, chosen: Chosen, found_at: datetime, actor: Actor, at: datetime) -> None:
    """On the day that ends the term: until then the processing may yet be made lawful."""
    if chosen.everything:
        start_clock(subject_id=request.person_id, trigger=TRIGGER, at=found_at, actor=actor)
    else:
        contested.order(request, Contest.UNLAWFUL, chosen, since=found_at, actor=actor, at=at, at_once=False)


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
        contested.cancel(request, Contest.UNLAWFUL, actor=actor, at=at)
        clocks.meet(request, RULES, how=Met.MADE_LAWFUL, at=at)
        end_finding(request)
        thread.write(request, text, author=Author.STAFF, actor=actor, at=at, kind=MessageKind.NOTE, shown=False)
        thread.record(act, Fact.MADE_LAWFUL, request)
