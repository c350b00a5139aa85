"""Subscriptions in each state, made by the acts themselves."""

from datetime import UTC, date, datetime
from uuid import UUID

from billing.models import Subscription
from billing.services import open_subscription
from processing_log.actors import Actor, ActorKind
from tests.factories.personal_data import make_subject

#: Noon in Moscow, in the middle of the subscriptions made here.
TODAY = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
FIRST = date(2026, 1, 1)
LAST = date(2026, 11, 20)
CLERK = Actor(kind=ActorKind.STAFF, id="11111111-1111-4111-8111-111111111111")


def make_subscription(
    *, subject_id: UUID | None = None, starts_on: date = FIRST, ends_on: date = LAST, at: datetime = TODAY
) -> Subscription:
    """Active on TODAY; with an earlier last day it is ended, with a later first day ahead."""
    subject_id = subject_id or make_subject().id
    return open_subscription(subject_id=subject_id, starts_on=starts_on, ends_on=ends_on, actor=CLERK, at=at)
