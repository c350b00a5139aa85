from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_ledger(settings: Any, tmp_path: Path) -> Path:
    """Each test has a home, and so a ledger and files, of its own."""
    settings.PORTAL_HOME = tmp_path
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path
