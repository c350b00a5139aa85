"""Reading the log and taking it away are acts themselves, and stand in the log before anything is shown."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.db import transaction

from law import clock
from processing_log import events, export, packages
from processing_log.actors import Actor
from processing_log.events import Declaration, Entry
from processing_log.export import Format
from processing_log.facts import OVERSIGHT, Fact
from processing_log.filters import LogFilter
from processing_log.sampling import Sample

BASIS: Final = "6.1.2"
SYSTEM: Final = "processing log"


def record_reading(*, actor: Actor, what: str) -> None:
    """`what` in codes and ids, as LogFilter.in_codes() gives them."""
    _record(Fact.LOG_READ, actor=actor, what=what)


def record_export(*, actor: Actor, wanted: LogFilter, form: Format) -> None:
    what = wanted.in_codes(with_typed=wanted.events().exists())
    _record(Fact.LOG_EXPORTED, actor=actor, what=f"format={form.value} {what}".strip())


def export_to_file(
    *,
    wanted: LogFilter,
    form: Format,
    path: Path,
    actor: Actor,
    progress: Callable[[int], object],
    since: int | None = None,
) -> int:
    """The number of events written. The file appears under its name whole and logged, or not at all. `since` is the
    size of the checkpoint that the reader has. Raises NothingSigned."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with transaction.atomic():
            written = _write(wanted, form, part, progress, since)
            record_export(actor=actor, wanted=wanted, form=form)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return written


def sample_to_file(*, sample: Sample, wanted: LogFilter, number: int, path: Path, actor: Actor) -> int:
    """The number of entries. As `export_to_file`, of what was drawn when `number` were asked for."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with transaction.atomic():
            written = packages.write_sample(part, sample, wanted=wanted, number=number, at=clock.now())
            codes = wanted.in_codes(with_typed=bool(sample.drawn))
            what = f"format=zip sample={number} checkpoint={sample.checkpoint.size} {codes}"
            _record(Fact.LOG_EXPORTED, actor=actor, what=what.strip())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return written


def _write(wanted: LogFilter, form: Format, part: Path, progress: Callable[[int], object], since: int | None) -> int:
    match form:
        case Format.ZIP:
            written = packages.write(part, wanted=wanted, since=since, at=clock.now(), progress=progress)
        case Format.XLSX:
            from processing_log import sheets  # two megabytes that no other export needs

            written = sheets.write(part, wanted=wanted, progress=progress)
        case _:
            written = _write_text(wanted, form, part, progress)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    return written


def _write_text(wanted: LogFilter, form: Format, part: Path, progress: Callable[[int], object]) -> int:
    written = 0
    with part.open("wb") as file:
        for number, text in export.blocks(wanted, form):
            file.write(text)
            written += number
            progress(number)
    return written


def _record(fact: Fact, *, actor: Actor, what: str) -> None:
    declaration = Declaration(actor=actor, purpose=OVERSIGHT, basis=BASIS, system=SYSTEM, context=uuid4(), reason=what)
    events.append(declaration, [Entry(fact=fact.value)])
