from time import monotonic
from typing import Final

from celery import shared_task

from law import clock
from processing_log import partitions, sequencer, signer

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
