from time import monotonic
from typing import Final
from uuid import UUID

from celery import shared_task

from law import clock
from processing_log import orders, partitions, sequencer, signer, tally, witnesses

#: A run gives way to the next one before the worker would stop it.
SECONDS: Final = 150


@shared_task
def make_log_partitions() -> int:
    return partitions.make_partitions(first=clock.now().date())


@shared_task
def sequence_log() -> None:
    """Takes what was committed into the tree and signs it when it is time. What stops it is in the log of the process
    and at /readyz: here nobody could answer for it."""
    until = monotonic() + SECONDS
    try:
        sequencer.sequence(stop=lambda: monotonic() > until)
        signer.sign()
    except sequencer.Inconsistent:
        return


@shared_task
def tally_log() -> int:
    return tally.count()


@shared_task(soft_time_limit=3600, time_limit=3660)
def make_export(export_id: str) -> None:
    orders.make(UUID(export_id))


@shared_task
def look_after_exports() -> None:
    """What the broker lost, and what is too old."""
    for export_id in orders.waiting():
        make_export.delay(str(export_id))
    orders.clear_away(clock.now())


@shared_task
def ask_witnesses() -> None:
    witnesses.ask_all(clock.now())
