"""A log that is in the tree and signed, with a key of nobody's."""

import time
from tempfile import TemporaryDirectory

from django.test import override_settings

from processing_log.models import Checkpoint
from processing_log.sequencer import sequence
from processing_log.signer import sign

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def make_checkpoint() -> Checkpoint:
    """Of everything that is committed."""
    with TemporaryDirectory() as folder, override_settings(LOG_SIGNING_KEY=SEED, LOG_SIGNER_DIR=folder):
        deadline = time.monotonic() + 60
        while not sequence() and time.monotonic() < deadline:
            time.sleep(0.1)  # another test's transaction is older
        checkpoint = sign(at_once=True)
    assert checkpoint is not None
    return checkpoint
