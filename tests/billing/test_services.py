from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from billing import services, tasks
from billing.models import Subscription, SubscriptionState
from billing.services import end_subscription, open_subscription, set_subscription_end
from law import clock as law_clock
from personal_data.errors import Blocked, Destroyed
from personal_data.models import Subject, SubjectKind
from processing_log.actors import Actor
from processing_log.models import Event
from retention.destruction import destroy_due
from retention.models import Clock
from retention.services import start_clock
from tests.factories.billing import CLERK, FIRST, LAST, TODAY, make_subscription
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.django_db

#: The first moment after LAST, in Moscow.
OVER = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)
DUE = datetime(2026, 12, 19, 21, 0, tzinfo=UTC)
NOBODY = UUID("99999999-9999-4999-8999-999999999999")
JOB = Actor.system("end_subscriptions")


def facts(subject_id: UUID) -> Any:
    events = Event.objects.filter(subject=subject_id).order_by("pk")
    return [(event.fact, event.actor_kind) for event in events]


def ended(**values: Any) -> Subscription:
    subscription = make_subscription(**values)
    assert end_subscription(subscription_id=subscription.pk, actor=JOB, at=OVER)
    subscription.refresh_from_db()
    return subscription


# --- opening ----------------------------------------------------------------------------------------------------------


def test_open_subscription_is_entered_in_the_log_and_starts_no_clock() -> None:
    subscription = make_subscription()

    assert subscription.state(date(2026, 11, 10)) == SubscriptionState.ACTIVE
    assert facts(subscription.subject_id) == [("subscription_opened", "staff")]
    assert not Clock.objects.exists()


def test_open_subscription_that_is_over_starts_the_clock_from_its_last_day() -> None:
    subscription = make_subscription(ends_on=date(2026, 10, 1))

    assert subscription.ended_at == TODAY
    assert Clock.objects.get().due_at == datetime(2026, 10, 30, 21, 0, tzinfo=UTC)


def test_open_subscription_refuses_a_second_one() -> None:
    first = make_subscription()

    with pytest.raises(services.HasOneAlready):
        make_subscription(subject_id=first.subject_id)


def test_open_subscription_refuses_days_in_the_wrong_order() -> None:
    with pytest.raises(services.EndsBeforeItStarts):
        make_subscription(starts_on=LAST, ends_on=FIRST)


def test_open_subscription_refuses_staff() -> None:
    staff = make_subject(kind=SubjectKind.STAFF)

    with pytest.raises(services.NotForStaff):
        make_subscription(subject_id=staff.id)


# --- ending -----------------------------------------------------------------------------------------------------------


def test_subscription_is_not_ended_before_its_last_day_is_over() -> None:
    subscription = make_subscription()

    assert not end_subscription(subscription_id=subscription.pk, actor=JOB, at=OVER - A_SECOND)
    assert not Clock.objects.exists()


def test_end_subscription_starts_the_clock_from_the_end_of_the_last_day() -> None:
    subscription = ended()

    clock = Clock.objects.get()
    assert (clock.trigger, clock.due_at) == ("subscription_ended", DUE)
    assert OVER - A_SECOND < clock.started_at < OVER
    assert subscription.ended_at == OVER
    assert facts(subscription.subject_id)[1:] == [("clock_started", "system"), ("subscription_ended", "system")]


def test_end_subscription_counts_from_the_last_day_however_late_it_runs() -> None:
    subscription = make_subscription()

    end_subscription(subscription_id=subscription.pk, actor=JOB, at=OVER + 10 * A_DAY)

    assert Clock.objects.get().due_at == DUE


def test_task_ends_what_is_over_and_can_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    over, active = make_subscription(), make_subscription(ends_on=LAST + A_DAY)
    monkeypatch.setattr(law_clock, "now", lambda: OVER)

    assert [tasks.end_subscriptions(), tasks.end_subscriptions()] == [1, 0]
    assert Clock.objects.get().subject_id == over.subject_id
    active.refresh_from_db()
    assert active.ended_at is None


def test_person_is_destroyed_on_the_thirtieth_day_after_the_end_and_the_subscription_with_them() -> None:
    subscription = ended()

    assert destroy_due(DUE - A_SECOND).destroyed == 0
    assert destroy_due(DUE).destroyed == 1
    assert Subject.objects.get(pk=subscription.subject_id).wrapped_key is None
    assert not Subscription.objects.exists()


# --- moving the last day ----------------------------------------------------------------------------------------------


def test_renewed_subscription_cancels_what_was_due() -> None:
    subscription = ended()

    set_subscription_end(subject_id=subscription.subject_id, ends_on=date(2027, 11, 20), actor=CLERK, at=OVER + A_DAY)

    subscription.refresh_from_db()
    assert (subscription.ended_at, subscription.ends_on) == (None, date(2027, 11, 20))
    assert destroy_due(DUE).found == 0
    assert facts(subscription.subject_id)[-2:] == [("clock_cancelled", "staff"), ("subscription_moved", "staff")]


def test_renewed_subscription_that_ends_again_starts_a_clock_of_its_own() -> None:
    subscription = ended()
    set_subscription_end(subject_id=subscription.subject_id, ends_on=LAST + 5 * A_DAY, actor=CLERK, at=OVER)

    assert end_subscription(subscription_id=subscription.pk, actor=JOB, at=OVER + 5 * A_DAY)

    assert Clock.objects.running().get().due_at == DUE + 5 * A_DAY
    assert Clock.objects.count() == 2


def test_last_day_moved_within_the_past_moves_the_clock() -> None:
    subscription = ended()

    set_subscription_end(subject_id=subscription.subject_id, ends_on=LAST - 5 * A_DAY, actor=CLERK, at=OVER + A_DAY)

    assert Clock.objects.running().get().due_at == DUE - 5 * A_DAY


def test_last_day_set_to_what_it_is_changes_nothing() -> None:
    subscription = ended()
    before = facts(subscription.subject_id)

    set_subscription_end(subject_id=subscription.subject_id, ends_on=LAST, actor=CLERK, at=OVER + A_DAY)

    assert facts(subscription.subject_id) == before
    assert Clock.objects.get().cancelled_at is None


def test_renewal_leaves_the_clock_of_a_deleted_account_alone() -> None:
    subscription = ended()
    start_clock(subject_id=subscription.subject_id, trigger="account_deleted", at=OVER, actor=JOB)

    set_subscription_end(subject_id=subscription.subject_id, ends_on=date(2027, 11, 20), actor=CLERK, at=OVER)

    assert Clock.objects.running().get().trigger == "account_deleted"


def test_set_subscription_end_refuses_somebody_who_is_leaving() -> None:
    subscription = make_subscription()
    Subject.objects.get(pk=subscription.subject_id).block(at=TODAY)

    with pytest.raises(Blocked):
        set_subscription_end(subject_id=subscription.subject_id, ends_on=LAST + A_DAY, actor=CLERK, at=TODAY)


def test_set_subscription_end_refuses_somebody_who_is_gone() -> None:
    subscription = ended()
    destroy_due(DUE)

    with pytest.raises(Destroyed):
        set_subscription_end(subject_id=subscription.subject_id, ends_on=date(2027, 11, 20), actor=CLERK, at=DUE)


def test_set_subscription_end_refuses_somebody_without_a_subscription() -> None:
    with pytest.raises(services.NoSubscription):
        set_subscription_end(subject_id=make_subject().id, ends_on=LAST, actor=CLERK, at=TODAY)


def test_blocked_person_whose_subscription_ends_is_still_put_on_the_clock() -> None:
    subscription = make_subscription()
    Subject.objects.get(pk=subscription.subject_id).block(at=TODAY)

    assert end_subscription(subscription_id=subscription.pk, actor=JOB, at=OVER)


# --- what the database refuses ----------------------------------------------------------------------------------------


def test_database_refuses_a_subscription_that_ends_before_it_starts() -> None:
    with pytest.raises(IntegrityError, match="subscription_ends_after_it_starts"), transaction.atomic():
        Subscription.objects.create(subject=make_subject(), starts_on=LAST, ends_on=FIRST)


def test_database_refuses_a_second_subscription_of_one_person() -> None:
    first = make_subscription()

    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.create(subject_id=first.subject_id, starts_on=FIRST, ends_on=LAST)


def test_open_subscription_says_when_the_person_is_unknown() -> None:
    with pytest.raises(services.NoSubscription):
        open_subscription(subject_id=NOBODY, starts_on=FIRST, ends_on=LAST, actor=CLERK, at=TODAY)
