"""What is signed was read again; what contradicts a former signature never gets one."""

import shutil
from datetime import timedelta

import pytest
from django.db import connection

from law import clock
from processing_log.models import Checkpoint, Leaf, LogKey, TreeState
from processing_log.notes import Note, PublicKey, TreeHead
from processing_log.sequencer import Inconsistent, sequence
from processing_log.signer import SignerMissing, sign
from tests.factories.processing_log import make_event
from tests.processing_log.tree import by_the_book
from tests.processing_log.tree.conftest import OTHER_SEED, SEED, signed

pytestmark = pytest.mark.django_db(transaction=True)


def make_leaves(number: int) -> None:
    for _ in range(number):
        make_event()
    sequence()


def test_a_checkpoint_says_size_and_root_and_is_signed(signer):
    make_leaves(3)

    checkpoint = signed()

    [key] = LogKey.objects.all()
    text = by_the_book.open_note(checkpoint.note, key.vkey)
    leaves = [bytes(leaf.data) for leaf in Leaf.objects.order_by("index")]
    assert TreeHead.parse(text) == TreeHead(origin="portal.example.ru/pdlog", size=3, root=by_the_book.mth(leaves))
    assert sign(at_once=True) is None  # nothing new


def test_a_new_checkpoint_waits_for_the_last_one_to_be_a_minute_old(signer, monkeypatch):
    make_leaves(1)
    first = signed()
    make_leaves(1)

    assert sign() is None
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert signed().size == 2
    assert first.size == 1


def test_a_process_without_the_key_signs_nothing_and_says_so(settings, signer):
    settings.LOG_SIGNING_KEY = ""
    make_leaves(1)

    with pytest.raises(SignerMissing):
        sign()
    assert TreeState.objects.get().alarm == "signer_missing"

    settings.LOG_SIGNING_KEY = SEED
    assert sign() is not None
    assert TreeState.objects.get().alarm == ""


def test_when_the_key_changes_both_sign_for_a_time_and_both_stay_on_the_list(settings, signer):
    make_leaves(1)
    sign()
    settings.LOG_SIGNING_KEY = f"{OTHER_SEED} {SEED}"
    make_leaves(1)
    both = signed()
    settings.LOG_SIGNING_KEY = OTHER_SEED
    make_leaves(1)
    new = signed()

    old_key, new_key = (PublicKey.parse(key.vkey) for key in LogKey.objects.order_by("added_at"))
    assert Note.parse(both.note).signed_by([old_key, new_key]) == [new_key, old_key]
    assert Note.parse(new.note).signed_by([old_key, new_key]) == [new_key]


def test_the_name_of_the_log_stays_when_the_portal_moves(settings, signer):
    make_leaves(1)
    sign()
    settings.LOG_ORIGIN = "elsewhere.example.ru/log"
    make_leaves(1)

    assert signed().note.startswith("portal.example.ru/pdlog\n")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE processing_log_event SET reason = 'nothing happened'", "leaf_is_not_its_event"),
        ("DELETE FROM processing_log_event", "leaf_is_not_its_event"),
        ("UPDATE processing_log_leaf SET data = data || 'x'", "leaf_is_not_its_event"),
        ("DELETE FROM processing_log_leaf WHERE index = 2", "indices"),
        ("UPDATE processing_log_leaf SET index = 5 - index WHERE index > 1", "leaf_is_not_its_event"),
        ("UPDATE processing_log_tile SET hashes = sha256('x') || substr(hashes, 33)", "rewritten"),
        ("UPDATE processing_log_treestate SET root = sha256('x')", "root"),
        ("DELETE FROM processing_log_checkpoint", "rolled_back"),
        ("UPDATE processing_log_checkpoint SET note = replace(note, E'\\n1\\n', E'\\n2\\n')", "rewritten"),
    ],
)
def test_what_was_tampered_with_is_not_signed(as_superuser, signer, damage, code):
    make_leaves(1)
    sign()
    make_leaves(3)
    for table in ("tile", "treestate", "leaf", "event", "checkpoint"):
        as_superuser.execute(f"ALTER TABLE processing_log_{table} DISABLE TRIGGER USER")
    as_superuser.execute(damage)

    with pytest.raises(Inconsistent) as stopped:
        sign(at_once=True)

    assert stopped.value.code == code
    assert TreeState.objects.get().alarm == code
    assert not Checkpoint.objects.filter(size=4).exists()


def test_a_database_that_was_rolled_back_is_not_signed_again(slot_database, signer):
    make_leaves(2)
    sign()
    connection.close()
    slot_database.empty()
    make_leaves(1)

    with pytest.raises(Inconsistent) as stopped:
        sign()
    assert stopped.value.code == "rolled_back"


def test_what_the_signer_remembers_is_its_owners_alone_and_survives_nothing_else(signer):
    make_leaves(1)
    checkpoint = signed()

    [kept] = signer.LOG_SIGNER_DIR.iterdir()
    assert kept.read_text() == checkpoint.note
    assert (kept.stat().st_mode & 0o777, signer.LOG_SIGNER_DIR.stat().st_mode & 0o777) == (0o600, 0o700)
    shutil.rmtree(signer.LOG_SIGNER_DIR)
    make_leaves(1)
    assert signed().size == 2
