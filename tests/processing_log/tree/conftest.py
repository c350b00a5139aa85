from pathlib import Path
from typing import Any

import pytest

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
