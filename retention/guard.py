"""The guard against mass destruction: a run that would take far more people than usual waits until two people agree.

A wrong clock, a wrong rule or a wrong import would otherwise end a company's data in a night, on time and with acts.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from retention.facts import Fact
from retention.models import MassRun

#: The answer of two people holds for so long.
HOLDS_FOR: Final = timedelta(days=1)


class SecondPersonNeeded(PermissionError):
    """One person cannot agree twice."""


class NothingAsked(LookupError):
    """The question was answered, or is older than a day: the next run asks anew."""


def stops(found: int, at: datetime) -> bool:
    """Whether a run of `found` people has to wait; leaves the question where two people find it."""
    if found <= settings.DESTRUCTION_GUARD_PEOPLE:
        return False
    living = Subject.objects.filter(destroyed_at=None)
    if _is_usual(found, living):
        return False
    asked = _standing(at).filter(found__gte=found).order_by("-pk").first()
    if asked is None:
        MassRun.objects.create(asked_at=at, found=found, living=living.count())
        return True
    return not asked.is_agreed


def _is_usual(found: int, living: "QuerySet[Subject]") -> bool:
    """Counts no further than it has to."""
    percent = settings.DESTRUCTION_GUARD_PERCENT
    enough = -(-found * 100 // percent) if percent else 0
    return 0 < enough == living[:enough].count()


def agree(*, run_id: int, actor: Actor, at: datetime) -> MassRun:
    """The first yes, or the second. Raises NothingAsked, SecondPersonNeeded."""
    with processing("retention", actor=actor, reason="mass_run") as act:
        mine = UUID(actor.id)
        asked = _standing(at).filter(pk=run_id)
        first = asked.filter(first_by=None).update(first_by=mine, first_at=at)
        second = not first and asked.exclude(first_by=mine).filter(second_by=None).update(second_by=mine, second_at=at)
        if not (first or second):
            raise (
                SecondPersonNeeded(str(run_id)) if asked.filter(second_by=None).exists() else NothingAsked(str(run_id))
            )
        act.record(Fact.MASS_RUN_AGREED.value)
    return MassRun.objects.get(pk=run_id)


def waiting(at: datetime) -> MassRun | None:
    """The question that waits for an answer."""
    return _standing(at).filter(second_by=None).order_by("-pk").first()


def _standing(at: datetime) -> QuerySet[MassRun]:
    return MassRun.objects.filter(asked_at__gt=at - HOLDS_FOR)
