import shutil
from pathlib import Path

import pytest

from profiles.loader import HERE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of LOYAL CLUB's profile to break."""
    return Path(shutil.copytree(HERE / "loyal_club", tmp_path / "broken"))
