"""The portal's clock. Business time is asked here and nowhere else, because the demo may move it forward.

In the database `portal_now()` reads the same shift, so the events of the log follow. Outside the demo there is no
shift: Python asks nobody, and the application's database role may not write the row."""

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils import timezone

from law.models import FURTHEST_SHIFT, ClockShift

_KEPT_FOR_SECONDS: Final = 1.0
_NO_SHIFT: Final = timedelta(0)


class _Memory:
    """The shift when it was last asked for: one tuple, so that threads see moment and answer or neither."""

    last: tuple[float, timedelta] | None = None


_memory: Final = _Memory()


class ClockMovesInTheDemoOnly(Exception):
    """Somebody tried to move the clock of a portal that serves real people."""


class ClockMovesForwardOnly(Exception):
    """What was done yesterday would lie in the future; a new demo starts from today."""


class TooFar(Exception):
    """The clock may be ahead of the real one by FURTHEST_SHIFT and no more."""


def now() -> datetime:
    return timezone.now().astimezone(UTC) + shift()


def shift() -> timedelta:
    """How far the demo's clock is ahead of the real one. Another process's move is seen within a second."""
    if not settings.DEMO:
        return _NO_SHIFT
    last = _memory.last
    if last is None or monotonic() - last[0] > _KEPT_FOR_SECONDS:
        last = _memory.last = (monotonic(), _read())
    return last[1]


def move(*, to: datetime | None = None, by: timedelta | None = None) -> datetime:
    """Moves the demo's clock forward, to a moment or by a span; answers what time it is then."""
    if not settings.DEMO:
        raise ClockMovesInTheDemoOnly
    before = _read()
    match to, by:
        case datetime(), None:
            after = to - timezone.now()
        case None, timedelta():
            after = before + by
        case _:
            raise TypeError("move() takes either `to` or `by`")
    if after < before:
        raise ClockMovesForwardOnly
    if after > FURTHEST_SHIFT:
        raise TooFar
    ClockShift.objects.update_or_create(pk=1, defaults={"shift": after})
    forget()
    return now()


def forget() -> None:
    """Makes the next question go to the database."""
    _memory.last = None


def _read() -> timedelta:
    return ClockShift.objects.values_list("shift", flat=True).first() or _NO_SHIFT


@receiver(setting_changed)
def _forget_when_tests_change_settings(*, setting: str, **kwargs: Any) -> None:
    if setting == "DEMO":
        forget()
