"""What staff find out and the system cannot know: that data was processed unlawfully, is not needed, that a purpose is
reached or a contract has ended. And what the system does know: that the operator has given up a purpose."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

import profiles
from law import clock as law_clock
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from retention.facts import Fact
from retention.models import Clock
from retention.services import WHOLE_PERSON, cancel_clock, start_clock

ACTOR: Final = Actor.system("destroy_due")
BATCH: Final = 500


class Found(TextChoices):
    """What a person decides. Each is a trigger of the retention rules."""

    UNLAWFUL = "unlawful_found", _("unlawful processing was found, and it cannot be made lawful")
    UNNEEDED = "unneeded_proved", _("the data was obtained unlawfully or is not needed: the person has shown it")
    REACHED = "purpose_reached", _("the purpose is reached")
    CONTRACT = "contract_ended", _("the contract with the person has ended")


class InTheFuture(ValueError):
    """Only what has happened can be reported."""


class UnknownPurpose(LookupError):
    """The profile declares no such purpose, or it rests on a consent, which only its owner ends."""


def report_end(*, subject_id: UUID, found: Found, at: datetime, actor: Actor, purpose: str = WHOLE_PERSON) -> Clock:
    """`at` is when it was found, or happened. Unlawful processing of everything is stopped at once, by blocking
    (article 21, parts 1 and 3). Raises InTheFuture, UnknownPurpose, rules.NotForThisKind, Destroyed."""
    now = law_clock.now()
    if at > now:
        raise InTheFuture
    if purpose and not _ends_here(purpose):
        raise UnknownPurpose(purpose)
    with processing("retention", actor=actor, reason=found.value) as act:
        clock = start_clock(subject_id=subject_id, trigger=found.value, at=at, actor=actor, purpose=purpose)
        assert clock, "only a withdrawn consent may start nothing"
        if found == Found.UNLAWFUL and not purpose:
            Subject.objects.get(pk=subject_id).block(at=now)
        act.record(Fact.END_REPORTED.value, subject=subject_id, reason=found.value)
    return clock


def take_back(*, subject_id: UUID, found: Found, actor: Actor, purpose: str = WHOLE_PERSON) -> bool:
    """It was a mistake. What was blocked stays so until somebody unblocks it."""
    return cancel_clock(subject_id=subject_id, trigger=found.value, actor=actor, purpose=purpose)


def end_purposes_given_up(at: datetime) -> int:
    """Consents to what the profile no longer declares: their purpose will not be pursued, so it is over (article 21,
    part 4). How many clocks were started. Can be repeated, and run twice at once."""
    declared = set(profiles.current().purposes)
    started = 0
    for subject_id, purposes in _with_purposes_beyond(declared):
        over = Clock.objects.filter(subject_id=subject_id, cancelled_at=None).values_list("purpose", flat=True)
        for purpose in sorted(set(purposes) - declared - set(over)):
            start_clock(subject_id=subject_id, trigger=Found.REACHED.value, at=at, actor=ACTOR, purpose=purpose)
            started += 1
    return started


def _with_purposes_beyond(declared: set[str]) -> list[tuple[UUID, list[str]]]:
    beyond = Subject.objects.filter(destroyed_at=None, kind="user").exclude(
        open_purposes__contained_by=sorted(declared)
    )
    return list(beyond.order_by("pk").values_list("pk", "open_purposes"))


def _ends_here(purpose: str) -> bool:
    known = profiles.current().purposes
    return purpose in known and bool(known[purpose].clauses) and not known[purpose].needs_consent
