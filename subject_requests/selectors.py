"""What the pages show: a person's own requests, and the desk's view of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext, ngettext

from law.calendar import ProductionCalendar
from law.deadlines import operator_zone
from subject_requests.kinds import State
from subject_requests.models import Message, Request, RequestClock, RequestStep
from subject_requests.norms import NORMS, RefusalNorm

SOON: Final = 3


@dataclass(frozen=True, kw_only=True)
class DueState:
    """How a request stands to its term. `working_days_left` counts from tomorrow; `days_late` is 0 in time."""

    is_open: bool
    working_days_left: int
    days_late: int

    @property
    def is_overdue(self) -> bool:
        return self.days_late > 0

    @property
    def tone(self) -> str:
        if self.is_overdue:
            return "bad"
        if not self.is_open:
            return "good"
        return "warn" if self.working_days_left <= SOON else "info"

    @property
    def words(self) -> str:
        late, left = self.days_late, self.working_days_left
        match self.is_open, self.is_overdue:
            case True, True:
                return ngettext("overdue by %(days)s day", "overdue by %(days)s days", late) % {"days": late}
            case False, True:
                return ngettext("closed %(days)s day late", "closed %(days)s days late", late) % {"days": late}
            case False, False:
                return gettext("closed in time")
        if not left:
            return gettext("due today")
        return ngettext("%(days)s working day left", "%(days)s working days left", left) % {"days": left}


@dataclass(frozen=True, kw_only=True)
class Row:
    filed: Request
    due: DueState


@dataclass(frozen=True, kw_only=True)
class OneRequest:
    filed: Request
    due: DueState
    clocks: Sequence[RequestClock]
    steps: Sequence[RequestStep]
    messages: Sequence[Message]
    norm: RefusalNorm | None


def one_request(filed: Request, *, at: datetime, for_staff: bool = False) -> OneRequest:
    """The messages come sealed: reading their text needs a declared scope. The person is shown what is meant for
    them."""
    messages = filed.messages.all() if for_staff else filed.messages.shown()
    return OneRequest(
        filed=filed,
        due=due_state(filed, at=at, calendar=ProductionCalendar.current()),
        clocks=tuple(filed.clocks.all()),
        steps=tuple(filed.steps.all()),
        messages=tuple(messages),
        norm=NORMS.get(filed.refusal_norm),
    )


def rows_of(subject_id: UUID, *, at: datetime) -> Sequence[Row]:
    """A person's own requests, the newest first."""
    calendar = ProductionCalendar.current()
    requests = Request.objects.of(subject_id).order_by("-received_at", "-number")
    return [Row(filed=filed, due=due_state(filed, at=at, calendar=calendar)) for filed in requests]


def due_state(filed: Request, *, at: datetime, calendar: ProductionCalendar) -> DueState:
    stands_on = (filed.closed_at or at).astimezone(operator_zone()).date()
    return DueState(
        is_open=filed.is_open,
        working_days_left=calendar.working_days_between(stands_on, filed.due_on),
        days_late=max((stands_on - filed.due_on).days, 0),
    )


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What waits at the desk."""

    overdue: int
    new: int
    open: int


def workload(*, at: datetime) -> Workload:
    counts = Request.objects.open().aggregate(
        open=Count("pk"), new=Count("pk", filter=Q(state=State.NEW)), overdue=Count("pk", filter=Q(due_at__lt=at))
    )
    return Workload(**counts)
