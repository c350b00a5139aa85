"""After a restore: what was destroyed of people who stayed is destroyed again, if the backup is older than that.

A backup that holds the record was made afterwards: what stands there now was entered since, and stays."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.operations import Operation
from retention import ledger, parts, records, values
from retention.facts import Fact
from retention.ledger import Line
from retention.models import Clock, Destruction, Hold, PartOrder, Run
from retention.values import NotAlone, Portion

ACTOR: Final = Actor.system("restore")


#: No backup lives longer (profiles.schema); a record may be gone after its three years, and must not be taken for lost.
RECENT: Final = timedelta(days=400)


def brought_back(at: datetime) -> bool:
    """Whether the database holds again what was destroyed of somebody who stayed, as after a restore without replay."""
    people = {line.subject for line in lacking(at, ledger.newest_parts())}
    return bool(people) and Subject.objects.filter(pk__in=people, destroyed_at=None).exists()


def lacking(at: datetime, among: Iterable[Line] | None = None) -> list[Line]:
    """The lines whose records the database has not, each once."""
    some = ledger.read_parts() if among is None else among
    lines = {line.part: line for line in some if line.record and line.destroyed_at > at - RECENT}
    have = set(Destruction.objects.filter(part__in=list(lines)).values_list("part", flat=True))
    return [line for part, line in lines.items() if part not in have]


def replay(run: Run, at: datetime) -> int:
    """How many parts were destroyed again. Each is a transaction of its own; can be done twice."""
    return sum(_again(line, run, at) for line in lacking(at))


def _again(line: Line, run: Run, at: datetime) -> bool:
    with processing("retention", actor=ACTOR, reason="replay of the ledger") as act:
        try:
            subject = Subject.objects.select_for_update().get(pk=line.subject)
        except ObjectDoesNotExist:
            return False  # not in this backup yet: they came later, and are gone with it
        Hold.objects.filter(subject=subject, released_at=None).update(released_at=at)
        counts = _erase(subject, line, at)
        if subject.destroyed_at is None:
            parts.seal_what_stays(subject.pk, at)  # also where nothing of it came back: a later backup may have it
        records.read_back(line.record, run).save(force_insert=True)
        part = UUID(str(line.part))
        Clock.objects.filter(subject=subject, part=part, carried_at=None).update(carried_at=at)
        PartOrder.objects.filter(pk=part, done_at=None).update(done_at=line.destroyed_at)
        if counts:
            act.record(
                Fact.PART_DESTROYED_AGAIN.value,
                operation=Operation.DESTROY.value,
                subject=subject.pk,
                categories=sorted(line.record["categories"]),
            )
    return bool(counts)


def _erase(subject: Subject, line: Line, at: datetime) -> int:
    if subject.destroyed_at:
        return 0
    try:
        return values.erase(subject.pk, Portion.of_scope(line.record["scope"]), at).counts.total()
    except NotAlone:
        return 0  # a column that the program no longer has
