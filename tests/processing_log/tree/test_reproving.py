"""A log that was put back is read again from its first entry to its last."""

import pytest

from processing_log.models import TreeState
from processing_log.notes import TreeHead
from processing_log.reproving import prove
from processing_log.sequencer import Inconsistent, sequence
from tests.factories.processing_log import make_event
from tests.processing_log.tree.conftest import signed

pytestmark = pytest.mark.django_db(transaction=True)


def make_log() -> None:
    for _ in range(2):
        make_event(reason="R-1")
        make_event(reason="R-2")
        sequence()
        signed()


def test_a_sound_log_is_proved(signer):
    assert prove() == 0
    make_log()

    state = TreeState.objects.get()
    assert prove(TreeHead(origin="", size=4, root=bytes(state.root))) == 4


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (
            "UPDATE processing_log_leaf SET data = replace(encode(data, 'escape'), 'R-', 'S-')::bytea",
            "leaf_is_not_its_event",
        ),
        ("UPDATE processing_log_event SET reason = 'S-1' WHERE reason = 'R-1'", "leaf_is_not_its_event"),
        ("DELETE FROM processing_log_leaf WHERE index = 1", "indices"),
        ("UPDATE processing_log_checkpoint SET root = sha256('x') WHERE size = 2", "signature"),
        ("DELETE FROM processing_log_logkey", "signature"),
        ("UPDATE processing_log_tile SET hashes = sha256('x') || substr(hashes, 33)", "tiles"),
        ("UPDATE processing_log_treestate SET root = sha256('x')", "tiles"),
        ("INSERT INTO processing_log_removedmonth VALUES ('2020-01-01', 0, 3)", "past_term"),
    ],
)
def test_whatever_was_changed_is_found(as_superuser, signer, damage, code):
    make_log()
    for table in ("tile", "leaf", "event", "checkpoint", "logkey", "treestate"):
        as_superuser.execute(f"ALTER TABLE processing_log_{table} DISABLE TRIGGER USER")
    as_superuser.execute(damage)

    with pytest.raises(Inconsistent) as found:
        prove()
    assert found.value.code == code


def test_a_log_that_ends_elsewhere_than_was_said_is_not_it(signer):
    make_log()
    with pytest.raises(Inconsistent):
        prove(TreeHead(origin="", size=3, root=bytes(TreeState.objects.get().root)))
