"""Rules that block: what cannot be destroyed when its term is over is blocked then, and destroyed within six months
(152-FZ, article 21, part 6). The destruction itself is the clock's `due_at`, like everybody's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.operations import Operation
from retention.facts import Fact
from retention.models import Action, Clock, ClockQuerySet

ACTOR: Final = Actor.system("destroy_due")
BATCH: Final = 500


def count_due(at: datetime) -> int:
    return _due(at).values("subject_id").order_by().distinct().count()


def block_due(at: datetime) -> int:
    """How many people were blocked. Batches, each one transaction; can be killed, repeated, and run twice at once."""
    blocked = 0
    while people := _block_some(at):
        blocked += len(people)
    return blocked


def _block_some(at: datetime) -> Sequence[UUID]:
    with processing("retention", actor=ACTOR, reason=Action.BLOCK.value) as act:
        clocks = list(_due(at).select_for_update(skip_locked=True, of=("self", "subject")).order_by("block_at")[:BATCH])
        people = list(dict.fromkeys(clock.subject_id for clock in clocks))
        Subject.objects.filter(pk__in=people, blocked_at=None).update(blocked_at=at)
        Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(blocked_at=at)
        if people:
            act.record(Fact.TERM_BLOCKED.value, operation=Operation.BLOCK.value, subjects=people)
        return people


def _due(at: datetime) -> ClockQuerySet:
    return (
        Clock.objects.running()
        .filter(action=Action.BLOCK, block_at__lte=at, blocked_at=None, subject__destroyed_at=None)
        .select_related("subject")
    )
