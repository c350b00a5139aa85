"""What the machines that try any order of acts have in common: a clock that goes on alone and by rules, holds, and a
run in which each example begins with an empty portal."""

import os
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from law.deadlines import operator_zone
from personal_data.errors import Destroyed
from processing_log.actors import Actor, ActorKind
from retention import holds, ordering
from retention.destruction import destroy_due
from retention.models import UNCONFIRMED, Ground, Hold
from tests.factories.personal_data import make_subject

START: Final = datetime(2028, 1, 20, 9, tzinfo=operator_zone())  # a leap day comes
ONE, OTHER = (Actor(kind=ActorKind.OFFICER, id=str(uuid4())) for _ in range(2))
DAYS: Final = st.integers(min_value=1, max_value=70)
MORE: Final = int(os.environ.get("MORE_EXAMPLES", "15"))


def midnight_after(at: datetime, days: int) -> datetime:
    day = at.astimezone(operator_zone()).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=operator_zone())


class Machine(RuleBasedStateMachine):
    """The model keeps what stands in the way, by hold: until when it was placed, and until when it works."""

    STEPS: ClassVar = 25

    def begin_with_nothing(self) -> None:
        self.now = START
        self.subject: UUID = make_subject().pk
        self.kept: dict[int, tuple[datetime, datetime]] = {}
        self.gone = False

    @property
    def has_begun(self) -> bool:
        """The invariants are asked before the first step too."""
        return hasattr(self, "subject")

    @property
    def kept_until(self) -> datetime:
        return max((ends for _until, ends in self.kept.values()), default=START)

    def place_hold(self, ground: Ground, until: datetime, **more: Any) -> Hold | None:
        """Raises what place_hold raises, but for what the model explains."""
        try:
            hold = holds.place_hold(subject_id=self.subject, ground=ground, until=until, actor=ONE, at=self.now, **more)
        except Destroyed:
            assert self.gone
        except holds.HeldAlready:
            assert Hold.objects.in_force(self.now).filter(subject_id=self.subject, ground=ground).exists()
        else:
            assert not self.gone
            self.kept[hold.pk] = (until, min(until, self.now + UNCONFIRMED))
            return hold
        return None

    def confirm_or_release_last(self, *, confirm: bool) -> None:
        number, (until, ends) = next(reversed(self.kept.items()))
        act = holds.confirm_hold if confirm else holds.release_hold
        try:
            act(hold_id=number, actor=OTHER, at=self.now)
        except holds.NoHold:
            assert ends <= self.now
            return
        assert self.now < ends
        self.kept[number] = (until, until) if confirm else (until, self.now)

    def sweep(self) -> None:
        """As beat does; a second time nothing is left to do."""
        destroy_due(self.now)
        ordering.carry_out_due(self.now)
        again = destroy_due(self.now)
        assert (again.destroyed, again.parts, again.failed, ordering.carry_out_due(self.now)) == (0, 0, 0, (0, 0))


def run(machine: type[Machine], *, examples: int = MORE) -> None:
    class OnOneDatabase(machine):  # type: ignore[misc,valid-type]
        """Each example starts from nothing: what the last one did is undone."""

        def __init__(self) -> None:
            super().__init__()
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.point)

    run_state_machine_as_test(
        OnOneDatabase,
        settings=settings(
            max_examples=examples, stateful_step_count=machine.STEPS, deadline=None, derandomize=False,
            phases=[Phase.generate], database=None,  # a few steps are short enough; to make them fewer takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
