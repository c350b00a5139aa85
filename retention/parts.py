"""Destroying a part of what is held about somebody who stays: what a term leaves without a purpose, and what was
ordered. One person is one transaction: values, record, event; then files and the ledger.

The person gets another key in that transaction, and what stays is sealed anew under it (personal_data/resealing.py).
What an old backup holds of the part is under the key before, so it is final when the epoch of that key ends, as with a
whole person; a backup that is restored earlier is replayed from the ledger.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError

import profiles
from personal_data import resealing
from personal_data.errors import HeldElsewhere, PersonalDataError
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from processing_log.operations import Operation
from retention import grounds, lifetimes, receipts, records, remainders, rules, values
from retention.erasure import LeftBehind
from retention.facts import Fact
from retention.models import Clock, Destruction, Method, Run
from retention.records import Numbers
from retention.values import Erased, Portion

logger = logging.getLogger(__name__)

ACTOR: Final = Actor.system("destroy_due")


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a part is destroyed, for its record."""

    part: UUID
    trigger: str
    rule: str
    reason: dict[str, str]
    norm: dict[str, str]
    started_at: datetime
    due_at: datetime
    late_at: datetime


def destroy_part(
    act: Scope, *, subject: Subject, portion: Portion, cause: Cause, run: Run, at: datetime
) -> Destruction | None:
    """Inside of an open scope that holds the subject's row. None when nothing of it was held. The debts are paid by
    remainders.finish(), after the commit. Raises HeldElsewhere."""
    resealing.hold(subject.pk)
    erased = values.erase(subject.pk, portion, at)
    if not erased.counts:
        return None
    seal_what_stays(subject.pk, at)
    return _note(act, subject, portion, erased, cause=cause, run=run, at=at)


def seal_what_stays(subject_id: UUID, at: datetime) -> None:
    """After all that goes by this transaction has gone."""
    remainders.owe_files(resealing.reseal(subject_id), at=at)


def _note(
    act: Scope, subject: Subject, portion: Portion, erased: Erased, *, cause: Cause, run: Run, at: datetime
) -> Destruction:
    record = _record(subject, portion, erased, cause=cause, run=run, at=at)
    numbers = Numbers(year=record.year, first=record.running, last=record.running)
    remainders.owe_lines(numbers, at=at)
    act.record(
        Fact.PART_DESTROYED.value,
        operation=Operation.DESTROY.value,
        subject=subject.pk,
        categories=sorted(erased.categories),
        reason=f"{cause.rule}: {cause.norm['ru']} {records.mark_of(record.number)}",
    )
    return record


def _record(subject: Subject, portion: Portion, erased: Erased, *, cause: Cause, run: Run, at: datetime) -> Destruction:
    numbers = records.next_number(at)
    return Destruction.objects.create(
        subject=subject.pk,
        part=cause.part,
        scope=portion.scope,
        subject_kind=subject.kind,
        year=numbers.year,
        running=numbers.first,
        receipt_digest=receipts.digest(receipts.code_for_part(subject.pk, cause.part)),
        destroyed_at=at,
        trigger=cause.trigger,
        rule=cause.rule,
        reason=cause.reason,
        norm=cause.norm,
        started_at=cause.started_at,
        due_at=cause.due_at,
        late_at=cause.late_at,
        held_until=records.held_until(subject.pk),
        categories=sorted(erased.categories),
        counts=dict(erased.counts),
        system=profiles.current().system_name,
        method=Method.VALUES.value,
        key_epoch=subject.epoch_id,
        final_at=records.final_moment(subject.epoch.opened_at, at),
        run=run,
    )


def open_run(at: datetime, found: int) -> Run:
    card = profiles.current().operator.model_dump(mode="json", include={"name", "address", "inn", "ogrn"})
    return Run.objects.create(started_at=at, found=found, operator=card)


# --- what is due ------------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Parts:
    found: int = 0
    destroyed: int = 0
    failed: int = 0


def count_due(at: datetime) -> int:
    return Clock.objects.due_in_part(at).order_by().values("subject_id").distinct().count()


def destroy_due(at: datetime) -> Parts:
    """Of everybody of whom a part is due; each alone, so that nobody's fault holds up another."""
    done = Parts(found=count_due(at))
    run: Run | None = None
    for subject_id in _people_due(at) if done.found else ():
        run = run or open_run(at, done.found)
        try:
            done.destroyed += _destroy_due_of(subject_id, run, at)
        except HeldElsewhere:
            continue  # the next sweep
        except (OperationalError, InterfaceError):
            raise
        except (DatabaseError, PersonalDataError, LeftBehind, values.NotAlone) as error:
            _pass_over(subject_id, error, at)
            done.failed += 1
    if run:
        _close(run, done, at)
    return done


def _pass_over(subject_id: UUID, error: Exception, at: datetime) -> None:
    logger.error("A part of person %s could not be destroyed: %s", subject_id, type(error).__name__)
    failed = list(Clock.objects.due_in_part(at).filter(subject_id=subject_id).values_list("pk", flat=True))
    Clock.objects.filter(pk__in=failed).update(failed_at=at)


def _people_due(at: datetime) -> Sequence[UUID]:
    due = Clock.objects.due_in_part(at).values_list("subject_id", flat=True)
    return list(dict.fromkeys(due))


def _close(run: Run, done: Parts, at: datetime) -> None:
    remainders.finish()
    mine = Run.objects.filter(pk=run.pk)
    mine.update(finished_at=at, destroyed=done.destroyed, failed=done.failed)
    mine.filter(destroyed=0, failed=0).delete()


def _destroy_due_of(subject_id: UUID, run: Run, at: datetime) -> bool:
    """Whether something was destroyed. Another worker's person waits for the next sweep."""
    with processing("retention", actor=ACTOR, reason="part") as act:
        subject = Subject.objects.select_for_update(skip_locked=True).filter(pk=subject_id, destroyed_at=None).first()
        if subject is None:
            return False
        resealing.hold(subject_id)
        clocks = list(Clock.objects.due_in_part(at).filter(subject_id=subject_id))
        gone = [(clock, *part) for clock in clocks if (part := _carry_out(act, subject, clock, at))]
        if gone:
            seal_what_stays(subject_id, at)
        for clock, portion, erased in gone:
            _note(act, subject, portion, erased, cause=_of_clock(clock), run=run, at=at)
    return bool(gone)


def _carry_out(act: Scope, subject: Subject, clock: Clock, at: datetime) -> tuple[Portion, Erased] | None:
    """What went."""
    profile = profiles.current()
    over = lifetimes.over(subject, lifetimes.clocks_of(subject.pk), at)
    if clock.purpose:
        over &= grounds.categories_of(profile, clock.purpose)
    Clock.objects.filter(pk=clock.pk).update(carried_at=at)
    if clock.purpose and over & grounds.indispensable(profile, subject.kind):
        _end_everything(clock)
        return None
    portion = Portion(categories=over) if clock.purpose else Portion(kept=frozenset(profile.categories) - over)
    erased = values.erase(subject.pk, portion, at) if over else Erased()
    if not erased.counts:
        act.record(Fact.KEPT_ON_ANOTHER_GROUND.value, subject=subject.pk, reason=clock.purpose or clock.rule)
        return None
    return portion, erased


def _end_everything(clock: Clock) -> None:
    """Nothing needs what an account cannot be without: the whole person goes, by the term that was counted."""
    whole = {"subject_id": clock.subject_id, "trigger": clock.trigger, "purpose": "", "purposes": []}
    Clock.objects.running().get_or_create(
        **whole, cancelled_at=None,
        defaults={
            "rule": clock.rule, "started_at": clock.started_at, "due_at": clock.due_at, "late_at": clock.late_at,
            "receipt_digest": clock.receipt_digest,
        },
    )  # fmt: skip


def _of_clock(clock: Clock) -> Cause:
    reason, norm = rules.texts_of(clock.rule)
    return Cause(
        part=clock.part,
        trigger=clock.trigger,
        rule=clock.rule,
        reason=reason,
        norm=norm,
        started_at=clock.started_at,
        due_at=clock.due_at,
        late_at=clock.late_at,
    )
