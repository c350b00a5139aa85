"""Destroying people whose time is over. One batch is one transaction: rows, key, record, events; then files and ledger.

Several workers may run at once: each takes people that no other holds. A batch that fails is halved until the one
person it fails for is found, noted and passed over; everybody else goes on.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import Count, F
from psycopg.errors import DeadlockDetected

import profiles
from personal_data.errors import PersonalDataError
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from processing_log.operations import Operation
from retention import anonymising, batch, blocking, erasure, guard, parts, records, remainders, rules
from retention.erasure import LeftBehind
from retention.facts import Fact
from retention.models import Clock, ClockQuerySet, Method, Run

logger = logging.getLogger(__name__)

BATCH: Final = 1_000
DEADLOCKS: Final = 5
ACTOR: Final = Actor.system("destroy_due")
Progress = Callable[[int, int], None]
_ERASE_KEYS: Final = """
UPDATE personal_data_subject SET wrapped_key = NULL, destroyed_at = %s, open_purposes = '{}'
WHERE id = ANY(%s::uuid[]) AND destroyed_at IS NULL
"""


@dataclass(kw_only=True)
class Outcome:
    """`counts` are rows by table (and entries by store); a dry run has the numbers that the run then has. `waits`: so
    many are due that two people have to agree first."""

    found: int = 0
    destroyed: int = 0
    failed: int = 0
    waits: bool = False
    parts: int = 0
    blocked: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)


def destroy_due(
    at: datetime, *, dry_run: bool = False, batch_size: int = BATCH, progress: Progress | None = None
) -> Outcome:
    """Destroys everybody whose term is over at the moment `at`; or only counts them. `progress` is told (done, of)."""
    due = _by_rule(at)
    outcome = Outcome(found=due.total())
    parts_due = parts.count_due(at)
    if dry_run:
        _count(at, batch_size, outcome, progress)
        outcome.parts, outcome.blocked = parts_due, blocking.count_due(at)
        return outcome
    remainders.finish()
    outcome.blocked = blocking.block_due(at)
    outcome.waits = guard.stops(outcome.found + parts_due, at)
    if outcome.waits:
        return outcome
    if outcome.found:
        _Going(at=at, outcome=outcome, progress=progress).through_all(sorted(due), batch_size)
    if parts_due:
        done = parts.destroy_due(at)
        outcome.parts = done.destroyed
        outcome.failed += done.failed
    return outcome


def _by_rule(at: datetime) -> Counter[tuple[str, str]]:
    """How many are due, by rule and method of anonymisation."""
    due = Clock.objects.due(at).order_by().values_list("rule", "anonymisation")
    return Counter({(rule, method): number for rule, method, number in due.annotate(number=Count("pk"))})


def _count(at: datetime, batch_size: int, outcome: Outcome, progress: Progress | None) -> None:
    due = Clock.objects.due(at).values_list("subject_id", "rule")
    for some in _in_batches(due.iterator(chunk_size=batch_size), batch_size):
        outcome.destroyed += len(some)
        outcome.by_rule.update(rule for _subject, rule in some)
        outcome.counts.update(erasure.count([subject for subject, _rule in some]))
        if progress:
            progress(outcome.destroyed, outcome.found)


def _in_batches(rows: Iterator[tuple[UUID, str]], size: int) -> Iterator[list[tuple[UUID, str]]]:
    batch: list[tuple[UUID, str]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


class _Going:
    """One run in progress."""

    def __init__(self, *, at: datetime, outcome: Outcome, progress: Progress | None) -> None:
        self.at = at
        self.outcome = outcome
        self.progress = progress
        self.started = monotonic()
        self.passed_over: list[UUID] = []
        self.deadlocks = 0
        self.anonymisation = ""
        operator = profiles.current().operator
        card = operator.model_dump(mode="json", include={"name", "address", "inn", "ogrn"})
        self.run = Run.objects.create(started_at=at, found=outcome.found, operator=card)

    @property
    def moment(self) -> datetime:
        """The clock of this run: it starts at `at` and goes on by itself."""
        return self.at + timedelta(seconds=monotonic() - self.started)

    def through_all(self, rules_due: Sequence[tuple[str, str]], batch_size: int) -> None:
        for rule, anonymisation in rules_due:
            self.anonymisation = anonymisation
            while self._next_batch(rule, batch_size):
                remainders.finish()
                self._tell()
        mine = Run.objects.filter(pk=self.run.pk)
        mine.update(finished_at=self.moment)
        mine.filter(destroyed=0, failed=0).delete()  # other workers had them all

    def _due(self, rule: str) -> ClockQuerySet:
        return Clock.objects.due(self.at).filter(rule=rule, anonymisation=self.anonymisation)

    def _next_batch(self, rule: str, size: int) -> bool:
        """False when nobody is left, or another worker has them."""
        due = self._due(rule).exclude(subject_id__in=self.passed_over)
        tried: list[UUID] = []
        try:
            return self._destroy(rule, due, size, tried)
        except (DatabaseError, PersonalDataError, LeftBehind) as error:
            if self._is_worth_another_try(error):
                return True
            _raise_if_not_about_people(error, tried)
            self._halve(rule, tried, error)
            return True

    def _is_worth_another_try(self, error: Exception) -> bool:
        """PostgreSQL ended one of two that waited for each other, and undid it: this one may begin again."""
        if not isinstance(error.__cause__, DeadlockDetected) or self.deadlocks == DEADLOCKS:
            return False
        self.deadlocks += 1
        return True

    def _halve(self, rule: str, subject_ids: Sequence[UUID], error: Exception) -> None:
        if len(subject_ids) == 1:
            self._pass_over(subject_ids[0], error)
            return
        middle = len(subject_ids) // 2
        for half in (subject_ids[:middle], subject_ids[middle:]):
            due = self._due(rule).filter(subject_id__in=half)
            tried: list[UUID] = []
            try:
                self._destroy(rule, due, len(half), tried)
            except (DatabaseError, PersonalDataError, LeftBehind) as next_error:
                _raise_if_not_about_people(next_error, tried)
                self._halve(rule, tried, next_error)

    def _pass_over(self, subject_id: UUID, error: Exception) -> None:
        """The monitor and the desk see it: the clock is late, and says when it failed."""
        logger.error("Person %s could not be destroyed: %s", subject_id, type(error).__name__)
        self.passed_over.append(subject_id)
        self.outcome.failed += 1
        Clock.objects.running().filter(subject_id=subject_id).update(failed_at=self.moment)
        Run.objects.filter(pk=self.run.pk).update(failed=F("failed") + 1)

    # --- one transaction -------------------------------------------------------------------------------------------

    def _destroy(self, rule: str, due: ClockQuerySet, size: int, tried: list[UUID]) -> bool:
        _title, norm = rules.texts_of(rule)
        with processing("retention", actor=ACTOR, reason=f"{rule}: {norm['ru']}") as act:
            tried += batch.take(due, size)
            if not tried:
                return False
            counts = erasure.erase(tried, Fact.SUBJECT_DESTROYED.value)
            moment = self.moment
            if self.anonymisation:
                anonymising.keep_count(self.anonymisation, rule=rule, at=moment)
            _erase_keys(tried, moment)
            method = Method(self.anonymisation or Method.ROWS_AND_KEY)
            numbers = records.write(rule=rule, method=method, run=self.run, at=moment, count=len(tried))
            remainders.owe(numbers, at=moment)
            Run.objects.filter(pk=self.run.pk).update(destroyed=F("destroyed") + len(tried))
            _enter_in_log(act)
            if self.anonymisation:
                _say_anonymised(act, batch.had(tried))
            erasure.ensure_nothing_left(tried)
        self.outcome.destroyed += len(tried)
        self.outcome.by_rule[rule] += len(tried)
        self.outcome.counts.update(counts)
        return True

    def _tell(self) -> None:
        if self.progress:
            self.progress(self.outcome.destroyed + self.outcome.failed, self.outcome.found)


def _erase_keys(subject_ids: Sequence[UUID], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ERASE_KEYS, [at, batch.array_of(subject_ids)])
        if cursor.rowcount != len(subject_ids):
            raise LeftBehind("a key")


def _enter_in_log(act: Scope) -> None:
    """The five facts of Order 179 in one event: whose, categories, system, reason (of the scope), time (of the log).
    The database enters everybody whom it saw losing something; these had nothing sealed."""
    if without := batch.had_nothing():
        act.record(Fact.SUBJECT_DESTROYED.value, operation=Operation.DESTROY.value, subjects=without)


def _say_anonymised(act: Scope, had: Mapping[tuple[str, ...], Sequence[UUID]]) -> None:
    for categories, subject_ids in had.items():
        act.record(
            Fact.SUBJECT_ANONYMISED.value,
            operation=Operation.DEPERSONALISE.value,
            subjects=subject_ids,
            categories=categories,
        )


def _raise_if_not_about_people(error: Exception, tried: Sequence[UUID]) -> None:
    """A lost connection, a full disk or a deadlock says nothing about the people of the batch."""
    if not tried or isinstance(error, (OperationalError, InterfaceError)):
        raise error
