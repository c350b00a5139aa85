from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from profiles.loader import load
from tests.factories.profiles import make_counted_profile


@pytest.fixture
def counted(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The portal of an operator that leaves one group of cookies, analytics, to the visitor."""
    folder = make_counted_profile(tmp_path / "counted")
    settings.OPERATOR_PROFILE = str(folder)
    yield folder
    load.cache_clear()
