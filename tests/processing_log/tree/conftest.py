import time
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from processing_log import sequencer
from processing_log.models import Checkpoint
from processing_log.signer import sign

#: Seeds of Ed25519, of nobody's log.
SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL AND datname <> current_database() AND backend_xid::text::bigint < %s"""
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


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """What is remembered of a second factor is kept by the number of a user, and each test's database begins anew."""
    cache.clear()


@pytest.fixture(autouse=True)
def nobody_else_is_older(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest running transaction is that of the whole server, where other tests have theirs: before a batch, those
    of other databases that are running now are waited for."""
    if not request.node.get_closest_marker("django_db"):
        return
    database = request.getfixturevalue("slot_database")
    batch = sequencer._batch

    def after_the_others(limit: int) -> int | None:
        with database.superuser() as connection:
            (next_,) = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and connection.execute(OTHERS, [int(next_) % 2**32]).fetchone() != (0,):
                time.sleep(0.02)
        return batch(limit)

    monkeypatch.setattr(sequencer, "_batch", after_the_others)
