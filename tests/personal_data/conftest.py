import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from personal_data import installation, keyring, rotation


@pytest.fixture
def own_keyring(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A copy of the keyring, to be changed: the file that the other tests use stays. Nobody else holds an old one."""
    path = tmp_path / "keyring.json"
    shutil.copy(settings.KEYRING.removeprefix("file:"), path)
    monkeypatch.setenv("KEYRING", f"file:{path}")
    settings.KEYRING = f"file:{path}"
    monkeypatch.setattr(installation, "_fitting", {})
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)
    keyring.forget()
    yield path
    keyring.forget()
