"""Whatever a person and the staff do, in whatever order: their data is destroyed exactly when rules and law say,
never earlier, never later than the next sweep, never twice. The rules are said here a second time, in a few lines."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from billing import services as billing
from billing.days import moment_of_end, today
from billing.models import Subscription
from law.deadlines import add_months, operator_zone
from personal_data.errors import Blocked, Destroyed
from personal_data.models import Subject
from retention import holds
from retention.models import Destruction, Ground, Obstacle
from retention.services import WHOLE_PERSON, cancel_clock, start_clock
from tests.retention.machines import DAYS, ONE, START, Machine, midnight_after, run


class AnyOrder(Machine):
    """The model: what ends the person's data, by name → the first moment at which it may go; and what keeps it."""

    @initialize()
    def begin(self) -> None:
        self.begin_with_nothing()
        self.ends: dict[str, datetime] = {}
        self.began: dict[str, datetime] = {}
        self.last_day: date | None = None
        self.blocked = False

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
            placed = self.place_hold(ground, until, **more)
        except holds.NothingIsDue:
            assert not self.ends
        except holds.TooLong:
            first = min(self.began[name] for name in self.ends)
            assert until.date() >= add_months(first.astimezone(operator_zone()).date(), 6) - timedelta(days=1)
        else:
            self.blocked |= placed is not None and ground == Ground.IMPOSSIBLE

    @rule(confirm=st.booleans())
    @precondition(lambda self: self.kept)
    def confirm_or_release(self, confirm: bool) -> None:
        self.confirm_or_release_last(confirm=confirm)

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
        self.sweep()
        if self.ends and not self.gone and self._first_moment() <= self.now:
            self.gone = True
            self.expected_at = self.now

    def _first_moment(self) -> datetime:
        return max(min(self.ends.values()), self.kept_until)

    @invariant()
    def data_is_there_exactly_as_long_as_it_should_be(self) -> None:
        if not self.has_begun:
            return
        subject = Subject.objects.get(pk=self.subject)
        records = list(Destruction.objects.filter(subject=self.subject))
        assert (subject.wrapped_key is None, len(records)) == (self.gone, int(self.gone))
        if records:
            (record,) = records
            assert self.expected_at <= record.destroyed_at < self.expected_at + timedelta(minutes=5)


@pytest.mark.django_db
def test_any_order_of_acts_destroys_exactly_when_rules_and_law_say() -> None:
    run(AnyOrder)
