"""People whom the portal does not know: each gets a key of their own, so that what they write is sealed too."""

from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import MailAddress
from personal_data.models import Subject, SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor
from retention.services import start_clock

PURPOSE: Final = "rights"
GUEST_ANSWERED: Final = "guest_answered"


def subject_for_stranger(*, at: datetime, actor: Actor, address: str = "") -> Subject:
    """Somebody who wrote, and where to answer them if they said so. Never somebody who is held already: an address in
    a letter proves nothing, so two letters are two strangers until each has shown who they are."""
    with processing(PURPOSE, actor=actor):
        subject = Subject.objects.create_for(kind=SubjectKind.GUEST, at=at)
        if address:
            MailAddress.objects.create(subject=subject, address=address)
    return subject


def forget_in_time(subject_id: UUID, *, at: datetime, actor: Actor) -> None:
    """What a stranger wrote was needed to answer them. Of people with an account this room forgets nothing."""
    if Subject.objects.filter(pk=subject_id, kind=SubjectKind.GUEST, destroyed_at=None).exists():
        start_clock(subject_id=subject_id, trigger=GUEST_ANSWERED, at=at, actor=actor)
