"""A process that appends and exports, as the portal and as an auditor. Told as benchmarks.log.desk is."""

from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from benchmarks.log import telling  # noqa: E402
from benchmarks.log.clerk import SEED  # noqa: E402
from processing_log import events, export, packages, sequencer, signer  # noqa: E402
from processing_log.actors import Actor  # noqa: E402
from processing_log.events import Declaration, Entry  # noqa: E402
from processing_log.export import Format  # noqa: E402
from processing_log.filters import LogFilter  # noqa: E402
from processing_log.models import Mandate  # noqa: E402
from processing_log.scopes import Scope  # noqa: E402

LONG_AGO, LATER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2190, 1, 1, tzinfo=UTC)
APPENDED = 500


class Guarded:
    def __init__(self) -> None:
        self.folder = Path(settings.PORTAL_HOME) / "exports"
        self.mandate = uuid4()

    def prepare(self) -> None:
        self.folder.mkdir(exist_ok=True)
        settings.LOG_SIGNING_KEY, settings.LOG_SIGNER_DIR = SEED, self.folder / "signer"
        sequencer.sequence()
        signer.sign(at_once=True)
        Mandate.objects.create(
            pk=self.mandate, auditor=uuid4(), events_since=LONG_AGO, begins_at=LONG_AGO, ends_at=LATER,
            proposed_by=uuid4(), proposed_at=LONG_AGO,
        )  # fmt: skip
        Mandate.objects.update(confirmed_by=uuid4(), confirmed_at=LONG_AGO)

    def time(self, work: str) -> float:
        began = perf_counter()
        getattr(self, work)()
        return perf_counter() - began

    def append(self) -> None:
        by = Declaration(actor=Actor.system("bench"), purpose="rights", basis="6.1.2", system="bench", context=uuid4())
        with transaction.atomic():
            for _ in range(APPENDED):
                events.append(by, [Entry(operation="use", categories=("email",))])

    def csv(self) -> None:
        self._stream(LogFilter())

    def csv_of_an_auditor(self) -> None:
        self._stream(self._limited())

    def package(self) -> None:
        self._pack(LogFilter())

    def package_of_an_auditor(self) -> None:
        self._pack(self._limited())

    def _limited(self) -> LogFilter:
        return LogFilter(within=Scope(mandate=self.mandate, since=LONG_AGO))

    def _stream(self, wanted: LogFilter) -> None:
        with (self.folder / "log.csv").open("wb") as file:
            assert sum(file.write(text) and number for number, text in export.blocks(wanted, Format.CSV))

    def _pack(self, wanted: LogFilter) -> None:
        assert packages.write(self.folder / "log.zip", wanted=wanted, since=None, at=LONG_AGO)


if __name__ == "__main__":
    telling.answer(Guarded())
