"""A new key-encryption key at least every 30 days, while the portal serves; then the old one is destroyed, and with it
every copy of the key of everybody who was destroyed under it.

    open the epoch → use it for new people → wrap the living anew, in batches → retire the old one → destroy its key

Each step is done again without harm by whoever comes after a process that died. That nobody living depends on the old
key is not this module's word: a trigger of the database refuses to retire an epoch of which anybody does.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Q

from personal_data import installation, keyring
from personal_data.facts import Fact
from personal_data.models import KeyEpoch, Subject
from personal_data.scope import processing
from personal_data.subject_state import label
from processing_log.actors import Actor

logger = logging.getLogger(__name__)

#: The rest of the thirty days is for finishing, should the portal stand still for a while.
ROTATE_AFTER: Final = keyring.LONGEST_EPOCH - timedelta(days=1)
#: so long other processes may still take the epoch before for somebody new
SETTLE_SECONDS: Final = 2 * keyring.FRESH_SECONDS + 1
BATCH: Final = 1000
#: sweeps over those whom somebody else held, before they are left to the next run
SWEEPS: Final = 20
ACTOR: Final = Actor.system("rotate_keys")
Progress = Callable[[int, int], None]
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('personal_data_keyepoch'))"
_NEXT: Final = """
SELECT id, epoch_id, wrapped_key FROM personal_data_subject
WHERE destroyed_at IS NULL AND epoch_id < %s AND (epoch_id, id) > (%s, %s::uuid)
ORDER BY epoch_id, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""
_REWRAP: Final = """
UPDATE personal_data_subject s SET epoch_id = %s, wrapped_key = n.wrapped
FROM unnest(%s::uuid[], %s::bytea[]) AS n (id, wrapped)
WHERE s.id = n.id AND s.destroyed_at IS NULL AND s.epoch_id < %s
"""
_NOBODY: Final = (0, UUID(int=0))
Row = tuple[UUID, int, bytes]


@dataclass(kw_only=True)
class Outcome:
    """`left` people still depend on an older key: held by somebody else just now, or `failed`, their key opens under
    none. The next run goes on."""

    opened: int | None = None
    rewrapped: int = 0
    failed: int = 0
    left: int = 0
    destroyed: list[int] = field(default_factory=list)


def is_due(at: datetime) -> bool:
    newest = KeyEpoch.objects.order_by("-number").first()
    return newest is not None and newest.opened_at <= at - ROTATE_AFTER


def is_unfinished() -> bool:
    return KeyEpoch.objects.filter(_unfinished()).exists()


def rotate(
    at: datetime,
    *,
    even_if_young: bool = False,
    seconds: float | None = None,
    batch_size: int = BATCH,
    progress: Progress | None = None,
) -> Outcome:
    """Finishes a rotation that was begun, or begins one if it is time (or `even_if_young`). Stops after `seconds`, to
    be called again. `progress` is told (done, of). Raises KeyringFixed."""
    outcome = Outcome()
    if not is_unfinished():
        if not (even_if_young or is_due(at)):
            return outcome
        outcome.opened = _open(at)
    newest = KeyEpoch.objects.order_by("-number").values_list("number", flat=True)[0]
    keyring.store().activate(newest)
    settled_at = monotonic() + SETTLE_SECONDS
    deadline = monotonic() + seconds if seconds else None
    _Sweeping(into=newest, outcome=outcome, progress=progress, deadline=deadline).run(batch_size, settled_at)
    outcome.left = _living_under_older(newest).count()
    for number in KeyEpoch.objects.filter(_unfinished(), number__lt=newest).values_list("number", flat=True):
        if _retire(number, at):
            _destroy(number, at)
            outcome.destroyed.append(number)
    return outcome


def _unfinished() -> Q:
    """All epochs but the last should be retired and destroyed."""
    newest = KeyEpoch.objects.order_by("-number").values("number")[:1]
    return Q(destroyed_at=None, number__lt=newest)


def _living_under_older(epoch: int) -> Any:
    return Subject.objects.filter(destroyed_at=None, epoch_id__lt=epoch)


def _open(at: datetime) -> int | None:
    """None when another process was faster. A key that was made and never told the database is taken the next time."""
    with processing("retention", actor=ACTOR) as act:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
        if is_unfinished():
            return None
        number = KeyEpoch.objects.order_by("-number").values_list("number", flat=True)[0] + 1
        keyring.store().add_epoch(number)
        KeyEpoch.objects.create(**installation.epoch_row(keyring.current(anew=True), number), opened_at=at)
        act.record(Fact.KEY_EPOCH_OPENED.value, reason=f"epoch_{number}")
    return number


@dataclass(kw_only=True)
class _Sweeping:
    """Wraps the living anew, in the order of the index. Who is locked is skipped and met in the next sweep."""

    into: int
    outcome: Outcome
    progress: Progress | None
    deadline: float | None

    def run(self, batch_size: int, settled_at: float) -> None:
        failed: set[UUID] = set()
        for sweep in range(SWEEPS):
            self._sweep(batch_size, failed)
            self.outcome.failed = len(failed)
            if self._is_late():
                return
            time.sleep(max(settled_at - monotonic(), 0.05 * sweep))
            if _living_under_older(self.into).count() <= len(failed):
                return

    def _sweep(self, batch_size: int, failed: set[UUID]) -> None:
        after, total = _NOBODY, _living_under_older(self.into).count()
        done = 0
        while not self._is_late():
            rows = self._one_batch(after, batch_size, failed)
            if not rows:
                return
            after = rows[-1][1], rows[-1][0]
            done += len(rows)
            if self.progress:
                self.progress(done, max(total, done))

    def _one_batch(self, after: tuple[int, UUID], size: int, failed: set[UUID]) -> Sequence[Row]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_NEXT, [self.into, *after, size])
            rows: list[Row] = cursor.fetchall()
            opened = [(subject_id, key) for subject_id, key in _opened(rows) if key is not None]
            failed.update({subject_id for subject_id, _epoch, _wrapped in rows} - dict(opened).keys())
            if opened:
                ids = [subject_id for subject_id, _key in opened]
                bound_to = label(self.into)
                wrapped = keyring.with_epoch(self.into).wrap(
                    [(key, bound_to + subject_id.bytes) for subject_id, key in opened], self.into
                )
                cursor.execute(_REWRAP, [self.into, ids, wrapped, self.into])
                self.outcome.rewrapped += cursor.rowcount
        return rows

    def _is_late(self) -> bool:
        return self.deadline is not None and monotonic() > self.deadline


def _opened(rows: Sequence[Row]) -> list[tuple[UUID, bytes | None]]:
    keys: list[tuple[UUID, bytes | None]] = []
    for epoch in sorted({epoch for _id, epoch, _wrapped in rows}):
        of_epoch = [(subject_id, bytes(wrapped)) for subject_id, one, wrapped in rows if one == epoch]
        bound_to = label(epoch)
        opened = keyring.with_epoch(epoch).unwrap(
            [(wrapped, bound_to + subject_id.bytes) for subject_id, wrapped in of_epoch], epoch
        )
        keys += zip((subject_id for subject_id, _wrapped in of_epoch), opened, strict=True)
    return keys


def _retire(number: int, at: datetime) -> bool:
    """False as long as somebody living depends on the epoch, or is just being entered under it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
            KeyEpoch.objects.filter(number=number, retired_at=None).update(retired_at=at)
    except (IntegrityError, DatabaseError) as error:
        logger.warning("key epoch %s is not retired yet: %s", number, type(error).__name__)
        return False
    return True


def _destroy(number: int, at: datetime) -> None:
    """The key first: it is gone before anybody is told so."""
    keyring.store().destroy_epoch(number)
    keyring.current(anew=True)
    with processing("retention", actor=ACTOR) as act:
        if KeyEpoch.objects.filter(number=number, destroyed_at=None).update(destroyed_at=at):
            act.record(Fact.KEY_EPOCH_DESTROYED.value, reason=f"epoch_{number}")
