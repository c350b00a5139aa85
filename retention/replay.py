"""After a restore: everybody whom the ledger names is destroyed again, before anybody is served.

The records come back as they were, with their numbers and receipts; the log says of each that it was done again. It is
done in batches, each one transaction, and can be done twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import connection

import profiles
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from processing_log.operations import Operation
from retention import batch, erasure, ledger, records, remainders, replaying_parts
from retention.facts import Fact
from retention.ledger import Line
from retention.models import Destruction, Hold, Run

BATCH: Final = 500
ACTOR: Final = Actor.system("restore")
_ERASE_KEYS: Final = """
UPDATE personal_data_subject s SET wrapped_key = NULL, destroyed_at = l.destroyed_at, open_purposes = '{}'
FROM unnest(%s::uuid[], %s::timestamptz[]) AS l (id, destroyed_at) WHERE s.id = l.id AND s.destroyed_at IS NULL
"""
Progress = Callable[[int], None]


@dataclass(kw_only=True)
class Replayed:
    """`destroyed` people were back, and `parts` of people who stayed; of `recorded` the record had been lost."""

    lines: int = 0
    destroyed: int = 0
    recorded: int = 0
    parts: int = 0


def replay(at: datetime, *, progress: Progress | None = None) -> Replayed:
    """`progress` is told how many more lines were done."""
    done, run = Replayed(), _run(at)
    for lines in _batches():
        _replay(lines, run, done, at)
        done.lines += len(lines)
        if progress:
            progress(len(lines))
    done.parts = replaying_parts.replay(run, at)
    remainders.finish()
    mine = Run.objects.filter(pk=run.pk)
    mine.update(finished_at=at, found=done.destroyed, destroyed=done.destroyed)
    mine.filter(destructions=None).delete()
    return done


def _run(at: datetime) -> Run:
    card = profiles.current().operator.model_dump(mode="json", include={"name", "address", "inn", "ogrn"})
    return Run.objects.create(started_at=at, found=0, operator=card)


def _batches() -> Iterator[dict[UUID, Line]]:
    lines = iter(ledger.read())
    while some := list(islice(lines, BATCH)):
        yield {line.subject: line for line in some}


def _replay(lines: dict[UUID, Line], run: Run, done: Replayed, at: datetime) -> None:
    with processing("retention", actor=ACTOR, reason="replay of the ledger") as act:
        known = Subject.objects.select_for_update().filter(pk__in=list(lines))
        people = dict(known.values_list("pk", "destroyed_at"))
        living = [subject_id for subject_id, destroyed_at in people.items() if destroyed_at is None]
        if living:
            _destroy_again(living, lines, act, at)
        have = set(Destruction.objects.filter(subject__in=list(people), part=None).values_list("subject", flat=True))
        lost = [line for subject_id, line in lines.items() if subject_id in people.keys() - have and line.record]
        Destruction.objects.bulk_create(records.read_back(line.record, run) for line in lost)
        if living:
            erasure.ensure_nothing_left(living)
        done.destroyed += len(living)
        done.recorded += len(lost)


def _destroy_again(living: list[UUID], lines: dict[UUID, Line], act: Scope, at: datetime) -> None:
    """A hold that came back with the backup was released before they were destroyed."""
    Hold.objects.filter(subject__in=living, released_at=None).update(released_at=at)
    erasure.erase(living, Fact.SUBJECT_DESTROYED_AGAIN.value)
    with connection.cursor() as cursor:
        cursor.execute(_ERASE_KEYS, [living, [lines[one].destroyed_at for one in living]])
    batch.owe_files(at)
    if without := batch.had(living).get(()):
        act.record(Fact.SUBJECT_DESTROYED_AGAIN.value, operation=Operation.DESTROY.value, subjects=without)
