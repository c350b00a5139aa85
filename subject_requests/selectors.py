"""What the pages show: a person's own requests, and the desk's view of one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext, ngettext

import profiles
from accounts.wording import reader_language
from law.calendar import ProductionCalendar
from law.deadlines import operator_zone
from law.rules import DeadlineRule, Unit
from law.rules.fines import Fine, fine_of
from personal_data import data_map
from subject_requests import contested
from subject_requests.contested import ShownPart
from subject_requests.kinds import Met, Outcome, State
from subject_requests.models import DroppedKind, Message, Request, RequestClock, RequestStep
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
class ClockState:
    """How one clock stands, in words and a tone; `fine` is what its being late may cost."""

    clock: RequestClock
    law: DeadlineRule
    tone: str
    words: str
    fine: Fine | None


@dataclass(frozen=True, kw_only=True)
class Row:
    filed: Request
    due: DueState


@dataclass(frozen=True, kw_only=True)
class OneRequest:
    filed: Request
    due: DueState
    clocks: Sequence[ClockState]
    steps: Sequence[RequestStep]
    messages: Sequence[Message]
    dropped: Sequence[DroppedKind]
    parts: Sequence[ShownPart]
    norm: RefusalNorm | None
    outcomes: Sequence[str]

    @property
    def granted_parts(self) -> Sequence[ShownPart]:
        """Those that were ordered to be destroyed: nobody is told of what staff are still thinking about."""
        return [part for part in self.parts if part.is_ordered]

    @property
    def ends_everything(self) -> bool:
        return any(part.is_everything for part in self.parts)


def one_request(filed: Request, *, at: datetime, for_staff: bool = False) -> OneRequest:
    """The messages come sealed: reading their text needs a declared scope. The person is shown what is meant for
    them."""
    messages = filed.messages.all() if for_staff else filed.messages.shown()
    calendar = ProductionCalendar.current()
    is_gone = filed.subject.destroyed_at is not None
    return OneRequest(
        filed=filed,
        due=due_state(filed, at=at, calendar=calendar),
        clocks=[clock_state(clock, at=at, calendar=calendar, is_gone=is_gone) for clock in filed.clocks.all()],
        steps=tuple(filed.steps.all()),
        messages=tuple(messages),
        dropped=tuple(filed.dropped_kinds.all()),
        parts=contested.shown(filed),
        norm=NORMS.get(filed.refusal_norm),
        outcomes=[str(Outcome(outcome).label) for outcome in filed.outcomes],
    )


def rows_of(subject_id: UUID, *, at: datetime) -> Sequence[Row]:
    """A person's own requests, the newest first."""
    calendar = ProductionCalendar.current()
    requests = Request.objects.of(subject_id).order_by("-received_at", "-number").prefetch_related("clocks")
    return [Row(filed=filed, due=due_state(filed, at=at, calendar=calendar)) for filed in requests]


def clock_state(clock: RequestClock, *, at: datetime, calendar: ProductionCalendar, is_gone: bool) -> ClockState:
    tone, words = _standing_of(clock, at, calendar) if clock.is_running and not is_gone else _end_of(clock)
    fine = fine_of(clock.rule) if clock.is_running and not is_gone and clock.is_late(at) else None
    return ClockState(clock=clock, law=clock.law, tone=tone, words=words, fine=fine)


def _standing_of(clock: RequestClock, at: datetime, calendar: ProductionCalendar) -> tuple[str, str]:
    today = at.astimezone(operator_zone()).date()
    if clock.law.unit == Unit.IMMEDIATE:
        return "bad", gettext("to be done at once, and not done yet")
    if clock.is_late(at):
        days = max((today - clock.due_on).days, 1)
        return "bad", ngettext("overdue by %(days)s day", "overdue by %(days)s days", days) % {"days": days}
    left = calendar.working_days_between(today, clock.due_on)
    if not left:
        return "warn", gettext("due today")
    words = ngettext("%(days)s working day left", "%(days)s working days left", left) % {"days": left}
    return "warn" if left <= SOON else "info", words


def _end_of(clock: RequestClock) -> tuple[str, str]:
    if clock.met_at is None:
        return "good", gettext("the data is destroyed")
    if clock.how == Met.DROPPED:
        return "info", str(Met.DROPPED.label)
    return ("bad", gettext("too late")) if clock.met_at > clock.due_at else ("good", str(Met(clock.how).label))


def due_state(filed: Request, *, at: datetime, calendar: ProductionCalendar) -> DueState:
    """By the clock that ends next. Of a closed request by the one that was met latest after its term, if any was:
    prefetch `clocks` for lists."""
    if not filed.is_open:
        zone = operator_zone()
        late = [
            (clock.met_at.astimezone(zone).date() - clock.due_on).days
            for clock in filed.clocks.all()
            if clock.met_at and clock.met_at > clock.due_at
        ]
        return DueState(is_open=False, working_days_left=0, days_late=max([*late, bool(late)]))
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


@dataclass(frozen=True, kw_only=True)
class HeldOf:
    """Of one category how many rows hold something; never what."""

    title: str
    rows: int


def held_of(subject_id: UUID) -> list[HeldOf]:
    """What the system found about a person, off the data map."""
    counted: Counter[str] = Counter()
    for holding in data_map.holdings():
        if not holding.fields:
            continue
        rows = holding.rows_of(subject_id)
        for category in holding.categories:
            filled = Q()
            for field in (field for field in holding.fields if field.category == category):
                filled |= Q(**{f"{field.name}__isnull": False})
            counted[category] += rows.filter(filled).count()
    titles = profiles.current().categories
    return [
        HeldOf(title=titles[code].title.in_language(reader_language()) if code in titles else code, rows=rows)
        for code, rows in sorted(counted.items())
        if rows
    ]
