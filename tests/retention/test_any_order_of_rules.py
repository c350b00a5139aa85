"""Texts that two consents need, and names that a law keeps for longer, in whatever order consents are given and
withdrawn, people leave and come back, parts are ordered away, rules change, holds are placed and released: each goes
exactly when the last that needs it has ended, never earlier, never later, never twice.

Each example begins with one of a few stories in which the rules meet, and goes on by chance from there.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

import profiles
from law.calendar import ProductionCalendar
from law.deadlines import add_months, operator_zone
from personal_data.models import Subject
from personal_data.scope import processing
from profiles.bases import Basis
from profiles.schema import Profile
from retention import changing, in_force, lifetimes, monitor, ordering
from retention.models import Destruction, Ground, Norm, PartOrder
from retention.services import cancel_clock, start_clock
from retention.values import Portion
from tests.factories.rules import make_rule, profile_with, with_texts_for_consents_alone
from tests.retention.machines import MORE, ONE, OTHER, Machine, midnight_after, run
from tests.specimens.models import Specimen

CONSENTS = st.sampled_from(["surveys", "site_improvement"])
TEXTS = Portion(categories=frozenset({"request"}))
LEAVING = "account_deleted"
MONTHS_KEPT = 3


def saying(days: int) -> Profile:
    """Who leaves goes after so many days; their names are kept by law for three months."""
    with with_current(with_texts_for_consents_alone()):
        return profile_with(
            make_rule(LEAVING, trigger=LEAVING, amount=days),
            make_rule("names", trigger=LEAVING, amount=MONTHS_KEPT, unit="months", purposes=["subscription"],
                      categories=["name"]),
            subscription={"basis": Basis.LEGAL_DUTY, "categories": frozenset({"name"})},
            account={"categories": frozenset({"email"})},
        )  # fmt: skip


@contextmanager
def with_current(profile: Profile) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profiles, "current", lambda: profile)
        yield


class Story:
    """What each example begins with, as calls of its rules."""

    WITHDRAWN_APART: ClassVar = [("agree", "surveys"), ("agree", "site_improvement"), ("withdraw", "surveys"),
                                 ("days", 9), ("withdraw", "site_improvement")]  # fmt: skip
    WITHDRAWN_ONE_BY_ONE: ClassVar = [("agree", "surveys"), ("withdraw", "surveys"), ("days", 9),
                                      ("agree", "site_improvement"), ("withdraw", "site_improvement")]  # fmt: skip
    AGREED_AGAIN: ClassVar = [("agree", "surveys"), ("withdraw", "surveys"), ("days", 9), ("agree", "surveys")]
    AGREED_AND_WITHDRAWN_AGAIN: ClassVar = [*AGREED_AGAIN, ("days", 3), ("withdraw", "surveys")]
    AGREED_TO_ANOTHER: ClassVar = [("agree", "surveys"), ("withdraw", "surveys"), ("agree", "site_improvement")]
    LEFT: ClassVar = [("agree", "surveys"), ("leave",)]
    LEFT_AND_WITHDREW: ClassVar = [("agree", "surveys"), ("leave",), ("days", 9), ("withdraw", "surveys")]
    CAME_BACK: ClassVar = [("leave",), ("days", 9), ("come_back",)]
    HELD: ClassVar = [("agree", "surveys"), ("withdraw", "surveys"), ("hold", 50, True)]
    HELD_BY_ONE: ClassVar = [("agree", "surveys"), ("withdraw", "surveys"), ("days", 28), ("hold", 50, False)]
    HELD_WHEN_LEAVING: ClassVar = [("leave",), ("days", 25), ("hold", 40, True)]
    ORDERED: ClassVar = [("agree", "surveys"), ("order_by_rule", False)]
    ORDERED_UNDER_A_HOLD: ClassVar = [("hold", 20, True), ("order_by_rule", True)]
    ORDERED_AGAIN_AFTER_A_HOLD: ClassVar = [*ORDERED_UNDER_A_HOLD, ("release",), ("order_by_rule", False)]
    ORDERED_AND_WITHDREW: ClassVar = [("agree", "surveys"), ("order_texts",), ("write",), ("withdraw", "surveys")]
    RULES_CHANGED: ClassVar = [("leave",), ("days", 2), ("profile_says", 20)]
    RULES_CONFIRMED: ClassVar = [("leave",), ("profile_says", 20), ("rules_are_confirmed",)]
    RULES_SAID_BEFORE: ClassVar = [("profile_says", 20), ("leave",)]
    LONGER_RULES: ClassVar = [("leave",), ("days", 26), ("profile_says", 40), ("rules_are_confirmed",)]

    ALL: ClassVar[dict[str, list[Any]]] = {}


Story.ALL = {name: story for name, story in vars(Story).items() if name.isupper() and name != "ALL"}


class RulesMeet(Machine):
    """The model: which consents are open; when what was withdrawn ends, and which of these ends nobody has looked at;
    when the person leaves, and the last day of what a law keeps; what was ordered."""

    STEPS = 12
    story: ClassVar[list[Any]] = []
    says: ClassVar[Callable[[Profile], None]]

    @initialize()
    def begin(self) -> None:
        self.begin_with_nothing()
        self.open: set[str] = set()
        self.ends: dict[str, datetime] = {}
        self.unseen: set[str] = set()
        self.left_at: datetime | None = None
        self.leaves_at: datetime | None = None
        self.last_at: datetime | None = None
        self.has_left = False
        self.orders: list[datetime] = []
        self.said = self.in_force = 30
        self.parts = self.texts = self.names = 0
        self.profile_says(30)
        changing.adopt(self.now)
        self.write()
        for act, *values in self.story:
            if act == "days":
                self._to(self.now + timedelta(days=values[0]))
            else:
                getattr(self, act)(*values)
            self.everything_is_there_exactly_as_long_as_something_needs_it()

    # --- what people do ----------------------------------------------------------------------------------------------

    @rule()
    @precondition(lambda self: not self.has_left and self.texts < 9)
    def write(self) -> None:
        with processing("rights", actor=ONE):
            Specimen.objects.create(subject_id=self.subject, story="слова", name="Имя")
        self.texts += 1
        self.names += 1

    @rule(purpose=CONSENTS)
    @precondition(lambda self: not self.has_left)
    def agree(self, purpose: str) -> None:
        if purpose in self.open:
            return
        Subject.objects.get(pk=self.subject).open_purpose(purpose)
        cancel_clock(subject_id=self.subject, trigger="consent_withdrawn", purpose=purpose, actor=ONE, at=self.now)
        self.open.add(purpose)
        self.ends.pop(purpose, None)
        self.unseen.discard(purpose)

    @rule(purpose=CONSENTS)
    @precondition(lambda self: not self.has_left)
    def withdraw(self, purpose: str) -> None:
        if purpose not in self.open:
            return
        Subject.objects.get(pk=self.subject).close_purpose(purpose)
        self.open.discard(purpose)
        clock = start_clock(
            subject_id=self.subject, trigger="consent_withdrawn", purpose=purpose, at=self.now, actor=ONE
        )
        assert (clock is None) == bool(self.open)
        if clock:
            assert clock.due_at == midnight_after(self.now, 30)
            self.ends[purpose] = clock.due_at
            self.unseen.add(purpose)

    @rule()
    @precondition(lambda self: not self.has_left)
    def leave(self) -> None:
        start_clock(subject_id=self.subject, trigger=LEAVING, at=self.now, actor=ONE)
        if self.left_at is None:
            self.left_at, self.leaves_at = self.now, midnight_after(self.now, self.in_force)
            day = add_months(self.now.astimezone(operator_zone()).date(), MONTHS_KEPT)
            self.last_at = datetime(day.year, day.month, day.day, tzinfo=operator_zone())

    @rule()
    @precondition(lambda self: not self.has_left)
    def come_back(self) -> None:
        assert cancel_clock(subject_id=self.subject, trigger=LEAVING, actor=ONE, at=self.now) == bool(self.left_at)
        self.left_at = self.leaves_at = self.last_at = None

    # --- what staff do -----------------------------------------------------------------------------------------------

    @rule(days=st.integers(min_value=1, max_value=60), confirm=st.booleans())
    def hold(self, days: int, confirm: bool) -> None:
        if self.place_hold(Ground.COURT, self.now + timedelta(days=days)) and confirm:
            self.confirm_or_release_last(confirm=True)

    @rule()
    @precondition(lambda self: self.kept_until > self.now)
    def release(self) -> None:
        self.confirm_or_release_last(confirm=False)

    @rule()
    @precondition(lambda self: not self.gone)
    def order_texts(self) -> None:
        try:
            ordering.order_part(subject_id=self.subject, norm=Norm.UNNEEDED, portion=TEXTS, actor=ONE, at=self.now)
        except ordering.StandsOnHold:
            assert self.now < self.kept_until
        except ordering.NothingHeld:
            assert not self.texts
        else:
            assert self.kept_until <= self.now
            self._texts_go()

    @rule()
    @precondition(lambda self: self.texts and self.kept_until <= self.now)
    def order_one_value(self) -> None:
        row = Specimen.objects.filter(subject_id=self.subject, story__isnull=False).values_list("pk", flat=True)[0]
        one = Portion(place="specimens.Specimen.story", row=row)
        ordering.order_part(subject_id=self.subject, norm=Norm.UNNEEDED, portion=one, actor=ONE, at=self.now)
        self.texts -= 1
        self.parts += 1

    @rule(at_once=st.booleans())
    @precondition(lambda self: self.texts)
    def order_by_rule(self, at_once: bool) -> None:
        """Granted at once, or found to be unlawful: then when ten working days are over."""
        ordering.order_by_rule(
            subject_id=self.subject, trigger="unneeded_proved" if at_once else "unlawful_found", portion=TEXTS,
            since=self.now, actor=ONE, at=self.now, at_once=at_once,
        )  # fmt: skip
        today = self.now.astimezone(operator_zone()).date()
        day = ProductionCalendar.current().nth_working_day(today, 10)
        if at_once and self.kept_until <= self.now:
            self._texts_go()  # what was ordered before, under a hold that has ended, waits for the sweep
        else:
            self.orders.append(self.now if at_once else midnight_after(self.now, (day - today).days))

    @rule(days=st.sampled_from([20, 30, 40]))
    def profile_says(self, days: int) -> None:
        """Somebody has edited the file; nothing follows from it yet."""
        type(self).says(saying(days))
        self.said = days

    @rule()
    @precondition(lambda self: self.said != self.in_force)
    def rules_are_confirmed(self) -> None:
        version = changing.look(actor=ONE, at=self.now)
        changing.confirm(number=version.number, actor=OTHER, at=self.now)
        changing.take_effect(self.now)
        self.in_force = self.said
        if self.left_at and self.leaves_at and not self.has_left:
            notice = min(self.leaves_at, midnight_after(self.now, 15))
            self.leaves_at = max(midnight_after(self.left_at, self.said), notice)

    # --- time --------------------------------------------------------------------------------------------------------

    @rule(days=st.integers(min_value=1, max_value=45), seconds=st.integers(min_value=-2, max_value=2))
    def time_passes(self, days: int, seconds: int) -> None:
        self._to(self.now + timedelta(days=days, seconds=seconds))

    @rule(which=st.integers(min_value=0, max_value=5), before=st.booleans())
    @precondition(lambda self: self._edges())
    def time_comes_to_an_edge(self, which: int, before: bool) -> None:
        """A second before nothing has happened yet; then it is time."""
        edges = self._edges()
        edge = edges[which % len(edges)]
        if before and edge - timedelta(seconds=1) > self.now:
            self._to(edge - timedelta(seconds=1))
            self.everything_is_there_exactly_as_long_as_something_needs_it()
        self._to(edge)

    def _edges(self) -> list[datetime]:
        moments = [*(self.ends[purpose] for purpose in self.unseen), *self.orders, self.leaves_at, self.last_at]
        return sorted({max(each, self.kept_until) for each in moments if each} - {self.now}) if not self.gone else []

    def _to(self, at: datetime) -> None:
        self.now = max(at, self.now)
        self.sweep()
        if self.gone or self.now < self.kept_until:
            return
        if self.last_at and max(self.last_at, self.leaves_at or self.last_at) <= self.now:
            self.gone = self.has_left = True
            self.texts = self.names = 0
            return
        if self.leaves_at and self.leaves_at <= self.now and not self.has_left:
            self.has_left = True
            self._texts_go()
        seen = {purpose for purpose in self.unseen if self.ends[purpose] <= self.now}
        self.unseen -= seen
        end = self._texts_end()
        if seen and end and end <= self.now:
            self._texts_go()
        self._orders_are_carried_out()

    def _orders_are_carried_out(self) -> None:
        due = [order for order in self.orders if order <= self.now and self.kept_until <= self.now]
        if due:
            self._texts_go()
            self.orders = [order for order in self.orders if order not in due]

    def _texts_go(self) -> None:
        self.parts += bool(self.texts)
        self.texts = 0

    def _texts_end(self) -> datetime | None:
        """The last of what needs them; but whoever leaves needs nothing afterwards."""
        if self.open:
            return self.leaves_at
        last = max(self.ends.values(), default=self.leaves_at)
        return min(last, self.leaves_at) if last and self.leaves_at else last

    @invariant()
    def everything_is_there_exactly_as_long_as_something_needs_it(self) -> None:
        if not self.has_begun:
            return
        person = Subject.objects.get(pk=self.subject)
        assert (person.destroyed_at is not None) == self.gone
        mine = Specimen.objects.filter(subject_id=self.subject)
        assert mine.filter(story__isnull=False).count() == self.texts
        assert mine.filter(name__isnull=False).count() == self.names
        records = Destruction.objects.filter(subject=self.subject)
        assert (records.exclude(part=None).count(), records.filter(part=None).count()) == (self.parts, int(self.gone))
        assert monitor.lateness(self.now).overdue == 0
        if self.gone:
            return
        assert PartOrder.objects.waiting().count() == len(self.orders)
        lives = lifetimes.of_person(person, lifetimes.clocks_of(self.subject))
        if self.texts:
            assert lives["request"].ends_at == self._texts_end()
        if not self.has_left:
            assert lives["name"].ends_at == (self.last_at and max(self.last_at, self.leaves_at or self.last_at))


@pytest.fixture
def profile_says(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Profile], None]]:
    """What stands in the operator's folder; the process has read it."""

    def says(profile: Profile) -> None:
        monkeypatch.setattr(profiles, "load", lambda _name: profile)
        monkeypatch.setattr(profiles, "current", lambda: profile)
        in_force.forget()

    yield says
    in_force.assume_profile()


@pytest.mark.django_db
@pytest.mark.parametrize("story", Story.ALL)
def test_any_order_destroys_each_thing_exactly_when_the_last_that_needs_it_ends(
    story: str, profile_says: Callable[[Profile], None]
) -> None:
    class Told(RulesMeet):
        pass

    Told.story = Story.ALL[story]
    Told.says = staticmethod(profile_says)

    run(Told, examples=max(2, MORE // 5))
