import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from backups import gate
from operator_portal.embedded.cluster import drop_database, ensure_database
from operator_portal.embedded.home import BACKUP, OWNER
from operator_portal.testing.databases import SlotDatabase
from personal_data import installation, keyring, rotation
from tests.backups.elsewhere import Elsewhere


@pytest.fixture(autouse=True)
def own_home(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, slot_database: SlotDatabase
) -> Iterator[Path]:
    """Files, ledger and a keyring of the test's own."""
    path = tmp_path / "keyring.json"
    shutil.copy(settings.KEYRING.removeprefix("file:"), path)
    settings.KEYRING = f"file:{path}"
    monkeypatch.setenv("BACKUP_DATABASE_URL", slot_database.services.home.database_url(BACKUP, slot_database.name))
    settings.PORTAL_HOME = tmp_path
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr(installation, "_fitting", {})
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)
    keyring.forget()
    gate.forget()
    yield tmp_path
    keyring.forget()
    gate.forget()


@pytest.fixture
def elsewhere(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, slot_database: SlotDatabase, own_home: Path
) -> Iterator[Callable[[], Any]]:
    """Another machine: an empty database and an empty home, to which only the ledger was brought."""
    services, name = slot_database.services, f"{slot_database.name}_elsewhere"
    drop_database(services.postgres, name)
    ensure_database(services.postgres, name)
    there = Elsewhere(home=own_home / "elsewhere", database=name)
    there.home.mkdir()

    @contextmanager
    def at_that_machine(*, with_ledger: bool = True) -> Iterator[Elsewhere]:
        usual = connections["default"].settings_dict
        if with_ledger and (own_home / "ledger").exists():
            shutil.copytree(own_home / "ledger", there.home / "ledger", dirs_exist_ok=True)
        with monkeypatch.context() as patch:
            patch.setenv("DATABASE_OWNER_URL", services.home.database_url(OWNER, name))
            patch.setattr(settings, "PORTAL_HOME", there.home)
            patch.setattr(settings, "FILES_DIR", there.home / "files")
            connections["default"].close()
            connections["default"].settings_dict = {**usual, "NAME": name}
            installation._fitting.clear()
            gate.forget()
            try:
                yield there
            finally:
                connections["default"].close()
                connections["default"].settings_dict = usual
                installation._fitting.clear()
                gate.forget()

    yield at_that_machine
    drop_database(services.postgres, name)
    assert os.environ["DATABASE_OWNER_URL"]
