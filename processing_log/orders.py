"""Exports that take longer than a page may: ordered on the desk, made by the worker, taken away within a day."""

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet

from law import clock
from processing_log import mandates
from processing_log.actors import Actor, ActorKind
from processing_log.export import Format
from processing_log.filters import LogFilter
from processing_log.models import UNDER_WAY, ExportState, LogExport
from processing_log.packages import NothingSigned
from processing_log.services import export_to_file

logger = logging.getLogger(__name__)

KEPT_FOR: Final = timedelta(hours=24)
GIVEN_UP_AFTER: Final = timedelta(hours=2)
STEP: Final = 10_000
_READ: Final[dict[str, Any]] = {
    "since": datetime.fromisoformat, "until": datetime.fromisoformat, "subject": UUID, "id": int
}  # fmt: skip


class Cancelled(Exception):
    """Whoever ordered it does not want it any more."""


class MandateEnded(Exception):
    """Whoever ordered it may see nothing any more."""


def order(*, actor: Actor, wanted: LogFilter, form: Format, since: int | None) -> LogExport:
    return LogExport.objects.create(
        mandate=wanted.within.mandate if wanted.within else None,
        actor_kind=actor.kind.value, actor_id=actor.id, form=form.value, asked=_codes(wanted), since=since,
        ordered_at=clock.now(),
    )  # fmt: skip


def orders_of(actor: Actor, mandate_id: UUID) -> QuerySet[LogExport]:
    """What was ordered under an earlier mandate is not for the present one."""
    return LogExport.objects.filter(actor_id=actor.id, mandate=mandate_id).order_by("-ordered_at")


def make(export_id: UUID) -> None:
    """Once, whoever calls it how often. The export is an event in the name of whoever ordered it."""
    waiting = LogExport.objects.filter(pk=export_id, state=ExportState.WAITING)
    if not waiting.update(state=ExportState.RUNNING):
        return
    found = LogExport.objects.get(pk=export_id)
    file_of(found).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        number = export_to_file(
            wanted=_wanted(found),
            form=Format(found.form),
            path=file_of(found),
            actor=Actor(kind=ActorKind(found.actor_kind), id=found.actor_id),
            progress=_Progress(found).add,
            since=found.since,
        )
    except (Cancelled, MandateEnded):
        _end(found, ExportState.CANCELLED)
    except NothingSigned:
        _end(found, ExportState.UNSIGNED)
    except BaseException:
        _end(found, ExportState.FAILED)
        raise
    else:
        if not _end(found, ExportState.READY, events=number):
            file_of(found).unlink(missing_ok=True)


def cancel(found: LogExport) -> bool:
    cache.set(_key(found, "cancelled"), True, timeout=GIVEN_UP_AFTER.total_seconds())
    return _end(found, ExportState.CANCELLED)


def done_of(found: LogExport) -> int:
    """How many events are in it so far."""
    return found.events or int(cache.get(_key(found, "done"), 0))


def file_of(found: LogExport) -> Path:
    return Path(settings.PORTAL_HOME) / "exports" / f"{found.pk}.{found.form}"


def clear_away(at: datetime) -> None:
    """Files that are a day old, and orders that nobody works at any more."""
    LogExport.objects.filter(state__in=UNDER_WAY, ordered_at__lt=at - GIVEN_UP_AFTER).update(
        state=ExportState.FAILED, ended_at=at
    )
    for old in LogExport.objects.filter(state=ExportState.READY, ended_at__lt=at - KEPT_FOR):
        file_of(old).unlink(missing_ok=True)
        LogExport.objects.filter(pk=old.pk).update(state=ExportState.GONE)


def waiting() -> list[UUID]:
    return list(LogExport.objects.filter(state=ExportState.WAITING).values_list("pk", flat=True))


class _Progress:
    def __init__(self, found: LogExport) -> None:
        self._found, self._done, self._told = found, 0, 0

    def add(self, number: int) -> None:
        """Raises Cancelled."""
        self._done += number
        if self._done - self._told >= STEP:
            self._told = self._done
            cache.set(_key(self._found, "done"), self._done, timeout=GIVEN_UP_AFTER.total_seconds())
            if cache.get(_key(self._found, "cancelled")):
                raise Cancelled


def _end(found: LogExport, state: ExportState, **more: int) -> bool:
    under_way = LogExport.objects.filter(pk=found.pk, state__in=UNDER_WAY)
    return bool(under_way.update(state=state, ended_at=clock.now(), **more))


def _key(found: LogExport, what: str) -> str:
    return f"log export {found.pk} {what}".replace(" ", "-")


def _codes(wanted: LogFilter) -> dict[str, str]:
    asked = {**asdict(wanted), "within": None}
    values = {name: value for name, value in asked.items() if value not in (None, "")}
    return {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in values.items()}


def _wanted(found: LogExport) -> LogFilter:
    """Raises MandateEnded."""
    scope = mandates.scope_in_force(found.mandate, clock.now()) if found.mandate else None
    if scope is None:
        raise MandateEnded
    return LogFilter(**{name: _READ.get(name, str)(value) for name, value in found.asked.items()}, within=scope)
