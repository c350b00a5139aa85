"""A log that is in the tree and signed, with a key of nobody's."""

import time
from tempfile import TemporaryDirectory

from django.test import override_settings

from processing_log.models import Checkpoint, Event, Leaf
from processing_log.sequencer import sequence
from processing_log.signer import sign

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def sequence_all() -> None:
    """Everything that is committed. The oldest running transaction is that of the whole server: while other tests have
    older ones, the sequencer takes a part of what is there, or nothing."""
    committed = Event.objects.count()
    deadline = time.monotonic() + 60
    sequence()
    while Leaf.objects.count() < committed:
        assert time.monotonic() < deadline, "an older transaction did not end"
        time.sleep(0.05)
        sequence()


def make_checkpoint() -> Checkpoint:
    """Of everything that is committed."""
    sequence_all()
    with TemporaryDirectory() as folder, override_settings(LOG_SIGNING_KEY=SEED, LOG_SIGNER_DIR=folder):
        checkpoint = sign(at_once=True)
    assert checkpoint is not None
    return checkpoint
