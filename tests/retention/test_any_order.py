"""Whatever a person and the staff do, in whatever order: their data is destroyed exactly when rules and law say,
never earlier, never later than the next sweep, never twice. The rules are said here a second time, in a few lines."""

import os
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing import services as billing
from billing.days import moment_of_end, today
from billing.models import Subscription
from law.deadlines import add_months, operator_zone
from personal_data.errors import Blocked, Destroyed
from personal_data.models import Subject
from processing_log.actors import Actor, ActorKind
from retention import holds
from retention.destruction import destroy_due
from retention.models import UNCONFIRMED, Destruction, Ground, Hold, Obstacle
from retention.services import WHOLE_PERSON, cancel_clock, start_clock
from tests.factories.personal_data import make_subject

START = datetime(2028, 1, 20, 9, tzinfo=operator_zone())  # a leap day comes
ONE, OTHER = (Actor(kind=ActorKind.OFFICER, id=str(uuid4())) for _ in range(2))
DAYS = st.integers(min_value=1, max_value=70)
MORE = int(os.environ.get("MORE_EXAMPLES", "15"))


def midnight_after(at: datetime, days: int) -> datetime:
    day = at.astimezone(operator_zone()).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=operator_zone())


class AnyOrder(RuleBasedStateMachine):
    """The model: what ends the person's data, by name → the first moment at which it may go; and what keeps it."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.subject: UUID = make_subject().pk
        self.ends: dict[str, datetime] = {}
        self.began: dict[str, datetime] = {}
        self.last_day: date | None = None
        self.kept: dict[int, tuple[datetime, datetime]] = {}
        self.blocked = self.gone = False

    # --- what people do ----------------------------------------------------------------------------------------------

    @rule(days=DAYS)
    def pay(self, days: int) -> None:
        """Opens the subscription, or renews it."""
        ends_on = today(self.now) + timedelta(days=days)
        self._subscription(ends_on)

    @rule(days=st.integers(min_value=1, max_value=20))
    @precondition(lambda self: self.last_day)
    def refund(self, days: int) -> None:
        """The last day is moved into the past, but not before the first."""
        assert self.last_day
        self._subscription(max(today(START), today(self.now) - timedelta(days=days)))

    def _subscription(self, ends_on: date) -> None:
        act = billing.set_subscription_end if self.last_day else billing.open_subscription
        values: dict[str, Any] = {} if self.last_day else {"starts_on": today(START)}
        try:
            act(subject_id=self.subject, ends_on=ends_on, actor=ONE, at=self.now, **values)
        except (Destroyed, Blocked):
            assert self.gone or self.blocked
            return
        assert not self.gone
        assert not self.blocked
        if ends_on != self.last_day:
            self.ends.pop("subscription", None)
        self.last_day = ends_on
        self._subscription_is_over()

    def _subscription_is_over(self) -> None:
        if self.last_day and self.last_day < today(self.now) and "subscription" not in self.ends:
            ended = moment_of_end(self.last_day)
            self.ends["subscription"] = max(midnight_after(ended - timedelta(seconds=1), 30), ended)
            self.began["subscription"] = ended

    @rule(trigger=st.sampled_from(["account_deleted", "consent_withdrawn"]))
    def leave(self, trigger: str) -> None:
        try:
            start_clock(subject_id=self.subject, trigger=trigger, at=self.now, actor=ONE, purpose=WHOLE_PERSON)
        except Destroyed:
            assert self.gone
            return
        assert not self.gone
        if trigger not in self.ends:
            self.ends[trigger], self.began[trigger] = midnight_after(self.now, 30), self.now

    @rule(trigger=st.sampled_from(["account_deleted", "consent_withdrawn"]))
    def come_back(self, trigger: str) -> None:
        cancelled = cancel_clock(subject_id=self.subject, trigger=trigger, actor=ONE, at=self.now)
        assert cancelled == (not self.gone and trigger in self.ends)
        if cancelled:
            del self.ends[trigger]

    @rule()
    def block(self) -> None:
        self.blocked = Subject.objects.get(pk=self.subject).block(at=self.now) or self.blocked

    @rule()
    def unblock(self) -> None:
        Subject.objects.get(pk=self.subject).unblock()
        self.blocked = False

    # --- what keeps the data -----------------------------------------------------------------------------------------

    @rule(days=DAYS, ground=st.sampled_from([Ground.COURT, Ground.COMPLAINT]))
    def hold(self, days: int, ground: Ground) -> None:
        self._place(ground, self.now + timedelta(days=days))

    @rule(days=st.integers(min_value=1, max_value=250))
    def find_it_impossible(self, days: int) -> None:
        self._place(Ground.IMPOSSIBLE, self.now + timedelta(days=days), obstacle=Obstacle.STORAGE)

    def _place(self, ground: Ground, until: datetime, **more: Any) -> None:
        try:
            hold = holds.place_hold(subject_id=self.subject, ground=ground, until=until, actor=ONE, at=self.now, **more)
        except Destroyed:
            assert self.gone
        except holds.NothingIsDue:
            assert not self.ends
        except holds.HeldAlready:
            assert Hold.objects.in_force(self.now).filter(subject_id=self.subject, ground=ground).exists()
        except holds.TooLong:
            first = min(self.began[name] for name in self.ends)
            assert until.date() >= add_months(first.astimezone(operator_zone()).date(), 6) - timedelta(days=1)
        else:
            assert not self.gone
            self.blocked |= ground == Ground.IMPOSSIBLE
            self.kept[hold.pk] = (until, min(until, self.now + UNCONFIRMED))

    @rule(confirm=st.booleans())
    @precondition(lambda self: self.kept)
    def confirm_or_release(self, confirm: bool) -> None:
        number, (until, ends) = next(reversed(self.kept.items()))
        try:
            if confirm:
                holds.confirm_hold(hold_id=number, actor=OTHER, at=self.now)
            else:
                holds.release_hold(hold_id=number, actor=OTHER, at=self.now)
        except holds.NoHold:
            assert ends <= self.now
            return
        assert self.now < ends
        self.kept[number] = (until, until) if confirm else (until, self.now)

    # --- time --------------------------------------------------------------------------------------------------------

    @rule(days=DAYS, seconds=st.integers(min_value=-2, max_value=2))
    def time_passes(self, days: int, seconds: int) -> None:
        self._to(self.now + timedelta(days=days, seconds=seconds))

    @rule(seconds=st.sampled_from([-1, 0, 1]))
    @precondition(lambda self: self.ends and not self.gone)
    def time_comes_to_the_edge(self, seconds: int) -> None:
        self._to(max(self.now, self._first_moment() + timedelta(seconds=seconds)))

    def _to(self, at: datetime) -> None:
        self.now = max(at, self.now)
        for subscription in Subscription.objects.to_be_ended(today(self.now)).filter(subject_id=self.subject):
            billing.end_subscription(subscription_id=subscription.pk, actor=ONE, at=self.now)
        if not self.gone:
            self._subscription_is_over()
        destroy_due(self.now)
        if self.ends and not self.gone and self._first_moment() <= self.now:
            self.gone = True
            self.expected_at = self.now

    def _first_moment(self) -> datetime:
        moment = min(self.ends.values())
        return max([moment, *(ends for _until, ends in self.kept.values())]) if self.kept else moment

    @invariant()
    def data_is_there_exactly_as_long_as_it_should_be(self) -> None:
        if not hasattr(self, "subject"):
            return
        subject = Subject.objects.get(pk=self.subject)
        records = list(Destruction.objects.filter(subject=self.subject))
        assert (subject.wrapped_key is None, len(records)) == (self.gone, int(self.gone))
        if records:
            (record,) = records
            assert self.expected_at <= record.destroyed_at < self.expected_at + timedelta(minutes=5)


@pytest.mark.django_db
def test_any_order_of_acts_destroys_exactly_when_rules_and_law_say() -> None:
    class OnOneDatabase(AnyOrder):
        """Each example starts from nothing: what the last one did is undone."""

        def __init__(self) -> None:
            super().__init__()
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.point)

    run_state_machine_as_test(
        OnOneDatabase,
        settings=settings(
            max_examples=MORE, stateful_step_count=25, deadline=None, derandomize=False,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
