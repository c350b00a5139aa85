from pathlib import Path
from typing import Any

import pytest

from processing_log.models import Checkpoint
from processing_log.signer import sign

#: Seeds of Ed25519, of nobody's log.
SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER_SEED = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="


@pytest.fixture
def signer(settings: Any, tmp_path: Path) -> Any:
    """This process has a key, and remembers what it signed in a folder of its own."""
    settings.LOG_SIGNING_KEY = SEED
    settings.LOG_ORIGIN = "portal.example.ru/pdlog"
    settings.LOG_SIGNER_DIR = tmp_path / "signer"
    return settings


def signed() -> Checkpoint:
    """A new checkpoint, at once."""
    checkpoint = sign(at_once=True)
    assert checkpoint is not None
    return checkpoint
