"""Texts that two consents need, in whatever order these are given and withdrawn, people leave and come back, holds are
placed and released: the texts are destroyed exactly when the last purpose has ended, never earlier, never twice."""

import os
from datetime import datetime, timedelta
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

from law.deadlines import operator_zone
from personal_data.errors import Destroyed
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from profiles.loader import running_by
from retention import holds, monitor
from retention.destruction import destroy_due
from retention.models import UNCONFIRMED, Destruction, Ground
from retention.services import cancel_clock, start_clock
from tests.factories.personal_data import make_subject
from tests.factories.rules import with_texts_for_consents_alone
from tests.specimens.models import Specimen

START = datetime(2028, 1, 20, 9, tzinfo=operator_zone())  # a leap day comes
ONE, OTHER = (Actor(kind=ActorKind.OFFICER, id=str(uuid4())) for _ in range(2))
CONSENTS = st.sampled_from(["surveys", "site_improvement"])
MORE = int(os.environ.get("MORE_EXAMPLES", "15"))


def midnight_after(at: datetime, days: int) -> datetime:
    day = at.astimezone(operator_zone()).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=operator_zone())


class TextsOfConsents(RuleBasedStateMachine):
    """The model: which consents are open; when what was withdrawn ends; which of these ends nobody has looked at."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.subject: UUID = make_subject().pk
        self.open: set[str] = set()
        self.ends: dict[str, datetime] = {}
        self.unseen: set[str] = set()
        self.leaves_at: datetime | None = None
        self.kept_until = START
        self.gone = False
        self.parts = 0
        self.texts = 0
        self.write()

    @rule()
    def write(self) -> None:
        if not self.gone:
            with processing("rights", actor=ONE):
                Specimen.objects.create(subject_id=self.subject, story="слова")
            self.texts += 1

    @rule(purpose=CONSENTS)
    def agree(self, purpose: str) -> None:
        if self.gone or purpose in self.open:
            return
        Subject.objects.get(pk=self.subject).open_purpose(purpose)
        cancel_clock(subject_id=self.subject, trigger="consent_withdrawn", purpose=purpose, actor=ONE, at=self.now)
        self.open.add(purpose)
        self.ends.pop(purpose, None)
        self.unseen.discard(purpose)

    @rule(purpose=CONSENTS)
    def withdraw(self, purpose: str) -> None:
        if self.gone or purpose not in self.open:
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
    def leave(self) -> None:
        try:
            start_clock(subject_id=self.subject, trigger="account_deleted", at=self.now, actor=ONE)
        except Destroyed:
            assert self.gone
            return
        assert not self.gone
        self.leaves_at = self.leaves_at or midnight_after(self.now, 30)

    @rule()
    def come_back(self) -> None:
        if cancel_clock(subject_id=self.subject, trigger="account_deleted", actor=ONE, at=self.now):
            assert not self.gone
            self.leaves_at = None

    @rule(days=st.integers(min_value=1, max_value=60), confirm=st.booleans())
    def hold(self, days: int, confirm: bool) -> None:
        until = self.now + timedelta(days=days)
        try:
            hold = holds.place_hold(subject_id=self.subject, ground=Ground.COURT, until=until, actor=ONE, at=self.now)
        except (Destroyed, holds.HeldAlready):
            assert self.gone or self.now < self.kept_until
            return
        if confirm:
            holds.confirm_hold(hold_id=hold.pk, actor=OTHER, at=self.now)
        self.kept_until = until if confirm else min(until, self.now + UNCONFIRMED)
        self.hold_id = hold.pk

    @rule()
    @precondition(lambda self: self.kept_until > self.now)
    def release(self) -> None:
        holds.release_hold(hold_id=self.hold_id, actor=OTHER, at=self.now)
        self.kept_until = self.now

    @rule(days=st.integers(min_value=1, max_value=45), seconds=st.integers(min_value=-2, max_value=2))
    def time_passes(self, days: int, seconds: int) -> None:
        self._to(self.now + timedelta(days=days, seconds=seconds))

    @rule(seconds=st.sampled_from([-1, 0, 1]))
    @precondition(lambda self: self.unseen and not self.gone)
    def time_comes_to_the_edge(self, seconds: int) -> None:
        edge = max(min(self.ends[purpose] for purpose in self.unseen), self.kept_until)
        self._to(edge + timedelta(seconds=seconds))

    def _to(self, at: datetime) -> None:
        self.now = max(at, self.now)
        destroy_due(self.now)
        if self.gone or self.now < self.kept_until:
            return
        if self.leaves_at and self.leaves_at <= self.now:
            self.gone = True
            return
        seen = {purpose for purpose in self.unseen if self.ends[purpose] <= self.now}
        self.unseen -= seen
        if seen and not self.open and max(self.ends.values()) <= self.now:
            self.parts += bool(self.texts)
            self.texts = 0

    @invariant()
    def texts_are_there_exactly_as_long_as_something_needs_them(self) -> None:
        if not hasattr(self, "subject"):
            return
        assert (Subject.objects.get(pk=self.subject).destroyed_at is not None) == self.gone
        held = Specimen.objects.filter(subject_id=self.subject, story__isnull=False).count()
        assert held == (0 if self.gone else self.texts)
        records = Destruction.objects.filter(subject=self.subject)
        assert (records.exclude(part=None).count(), records.filter(part=None).count()) == (self.parts, int(self.gone))
        assert monitor.lateness(self.now).overdue == 0


@pytest.mark.django_db
def test_any_order_of_consents_destroys_texts_exactly_when_the_last_purpose_ends() -> None:
    class OnOneDatabase(TextsOfConsents):
        """Each example starts from nothing: what the last one did is undone."""

        def __init__(self) -> None:
            super().__init__()
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.point)

    with running_by(with_texts_for_consents_alone()):
        run_state_machine_as_test(
            OnOneDatabase,
            settings=settings(
                max_examples=MORE, stateful_step_count=20, deadline=None, derandomize=False,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
