"""What pages show of clocks and destructions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from law import clock as law_clock
from law.deadlines import operator_zone
from processing_log.filters import LogFilter
from retention import receipts, records, rules
from retention.models import Clock, Destruction, Ground, Hold
from retention.receipts import SHAPE


@dataclass(frozen=True, kw_only=True)
class Due:
    """A term that runs for a person. `title` and `norm` are in the reader's language; `purpose` is empty when all that
    is held goes. `block_on` is said where the data is blocked first; `keeps` are purposes that go on for longer."""

    trigger: str
    title: str
    norm: str
    purpose: str
    started_at: datetime
    due_at: datetime
    destroy_on: date
    block_on: date | None
    keeps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the receipt of a destruction says, in the reader's language. `operator` is who it was on that day."""

    number: str
    destroyed_at: datetime
    started_at: datetime
    reason: str
    norm: str
    categories: tuple[str, ...]
    rows: int
    operator: str
    system: str
    method: str
    key_epoch: int
    final_at: datetime
    is_part: bool


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A hold that keeps the data, as its person is told. `obstacle` is why destruction is impossible for now."""

    ground: str
    obstacle: str
    ends_at: datetime
    is_confirmed: bool


def stays(subject_id: UUID, at: datetime, *, all_of_them: bool = False) -> tuple[Stay, ...]:
    """The holds in force. The person hears of those that may be told of; the desk of all."""
    standing = Hold.objects.in_force(at).filter(subject_id=subject_id).order_by("-until")
    return tuple(
        Stay(
            ground=hold.get_ground_display(),
            obstacle=hold.get_obstacle_display() if hold.obstacle else "",
            ends_at=hold.ends_at(),
            is_confirmed=hold.confirmed_at is not None,
        )
        for hold in (standing if all_of_them else standing.filter(may_tell=True))
    )


def is_held_impossible(subject_id: UUID) -> bool:
    """What cannot be destroyed for now stays blocked until it is (article 21, part 6)."""
    standing = Hold.objects.in_force(law_clock.now()).filter(subject_id=subject_id, ground=Ground.IMPOSSIBLE)
    return standing.exists()


def day_of(moment: datetime) -> date:
    """By the operator's zone."""
    return timezone.localtime(moment, operator_zone()).date()


def due_dates(subject_id: UUID) -> tuple[Due, ...]:
    """The terms that run for the person, the next one first."""
    return due_of(Clock.objects.running().filter(subject_id=subject_id))


def due_of(clocks: Iterable[Clock]) -> tuple[Due, ...]:
    """As `due_dates`, of a person's clocks that are in hand."""
    running = sorted((clock for clock in clocks if clock.is_running()), key=lambda clock: (clock.due_at, clock.pk))
    return tuple(_due(clock) for clock in running)


def next_destruction(subject_id: UUID) -> Due | None:
    """The term that ends everything held about the person, if one runs."""
    return next_of(due_dates(subject_id))


def next_of(dues: Iterable[Due]) -> Due | None:
    """By what goes first, although something may be kept for longer."""
    return next((due for due in dues if not due.purpose and not due.keeps), None)


def _due(clock: Clock) -> Due:
    title, norm = rules.texts_of(clock.rule)
    return Due(
        trigger=clock.trigger,
        title=rules.words(title),
        norm=rules.words(norm),
        purpose=clock.purpose,
        started_at=clock.started_at,
        due_at=clock.due_at,
        destroy_on=clock.destroy_on,
        block_on=clock.block_on,
        keeps=tuple(clock.purposes),
    )


def receipt(code: str) -> Receipt | None:
    """Of a destruction that has happened, by the code that the person was given."""
    if not SHAPE.fullmatch(code):
        return None
    record = Destruction.objects.filter(receipt_digest=receipts.digest(code)).select_related("run").first()
    if record is None:
        return None
    operator = record.run.operator
    return Receipt(
        number=record.number,
        destroyed_at=record.destroyed_at,
        started_at=record.started_at,
        reason=rules.words(record.reason),
        norm=rules.words(record.norm),
        categories=rules.category_titles(record.categories),
        rows=sum(record.counts.values()),
        operator=f"{rules.words(operator['name'])}, {rules.words(operator['address'])}",
        system=record.system,
        method=record.get_method_display(),
        key_epoch=record.key_epoch,
        final_at=record.final_at,
        is_part=record.part is not None,
    )


def term_of_receipt(code: str) -> Due | None:
    """Of a destruction that is still ahead, by the same code."""
    if not SHAPE.fullmatch(code):
        return None
    running = Clock.objects.running().for_whole_person().filter(receipt_digest=receipts.digest(code))
    clock = running.order_by("due_at", "id").first()
    return _due(clock) if clock else None


def what_proves(code: str) -> LogFilter | None:
    """The entries of the log about the destruction whose receipt it is. Of somebody who stays, about the part alone."""
    if not SHAPE.fullmatch(code):
        return None
    record = Destruction.objects.filter(receipt_digest=receipts.digest(code)).first()
    if record is None:
        return None
    return LogFilter(
        subject=record.subject, purpose="retention", reference=records.mark_of(record.number) if record.part else ""
    )
