"""Every committed event gets one place, whatever the commit order; whatever is wrong stops the sequencer."""

import json
import threading
from base64 import b64encode
from typing import Any

import psycopg
import pytest
from django.db import connection

from processing_log import events, merkle, sequencer, tiles
from processing_log.events import Entry
from processing_log.models import Event, Leaf, TreeState
from processing_log.packages import Reader
from processing_log.sequencer import Inconsistent, sequence
from processing_log.signer import sign
from tests.factories.processing_log import make_event
from tests.processing_log.test_events import BY_STAFF
from tests.processing_log.tree import by_the_book

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = """INSERT INTO processing_log_event (actor_kind, actor_id, operation, fact, categories, purpose, basis, system,
    reason, context) VALUES ('system', 'test', '', 'log_read', '{}', 'p', 'b', 's', %s, gen_random_uuid())"""


def reasons_in_order() -> list[str]:
    return [json.loads(bytes(leaf.data))["reason"] for leaf in Leaf.objects.order_by("index")]


def leaves() -> list[bytes]:
    return [bytes(leaf.data) for leaf in Leaf.objects.order_by("index")]


def test_a_leaf_is_the_event_in_canonical_json():
    event = make_event(reason='a "quoted"\\\n\x01 Ёж', categories=("email", "name"))

    sequence()

    [leaf] = Leaf.objects.all()
    written = json.loads(bytes(leaf.data))
    assert (leaf.index, leaf.event_id, leaf.event_at) == (0, event.pk, event.at)
    assert json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == bytes(leaf.data)
    assert written == {
        "v": 1, "seq": 0, "id": event.pk, "at": f"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}", "actor_kind": "staff",
        "actor_id": event.actor_id, "operation": "extract", "fact": "", "subject": None,
        "categories": ["email", "name"], "purpose": "rights", "basis": "6.1.2", "system": "Portal",
        "reason": event.reason, "context": str(event.context), "db_role": "portal_app",
    }  # fmt: skip


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_the_tree_is_that_of_the_book_in_batches_of_any_size(limit):
    events.append(BY_STAFF, [Entry(fact="log_read", reason=str(number)) for number in range(300)])

    assert sequence(limit=limit) == 300
    assert sequence(limit=limit) == 0

    state = TreeState.objects.get()
    assert (state.size, bytes(state.root)) == (300, by_the_book.mth(leaves()))
    assert reasons_in_order() == [str(number) for number in range(300)]
    assert tiles.inclusion(77, 299) == by_the_book.path(77, leaves()[:299])
    assert tiles.consistency(256, 300) == by_the_book.proof(256, leaves())
    assert merkle.is_included(merkle.leaf_hash(leaves()[299]), 299, 300, tiles.inclusion(299, 300), bytes(state.root))


def test_pieces_of_tiles_say_what_the_tiles_say(as_superuser):
    events.append(BY_STAFF, [Entry(fact="log_read", reason=str(number)) for number in range(300)])
    sequence(limit=299)
    whole = tiles.node_in(tiles.fetch([(0, 0), (0, 1), (1, 0)]))
    blocks = [(level, place) for level in range(8) for place in range(300 >> level)]

    pieces = tiles.fetch_pieces({tiles.piece_of(*block)[0] for block in [*blocks, (8, 0)]})
    reader = Reader()
    reader.look_ahead(0, [(place << level, place + 1 << level) for level, place in blocks])

    for level, place in blocks:
        key, first, number = tiles.piece_of(level, place)
        if key[:2] == (0, 0):
            hashes = pieces[key][first * tiles.HASH : (first + number) * tiles.HASH]
            assert tiles.root_of(hashes) == whole(level, place)
        start = place << level
        assert b"".join(reader.between(start, start + (1 << level))).split()[-1] == b64encode(whole(level, place))
        assert b"".join(reader.hashes(start, start + (1 << level))) == b"".join(
            whole(0, leaf) for leaf in range(start, start + (1 << level))
        )
    assert (pieces[0, 1, tiles.MIDDLE], len(pieces[0, 0, tiles.MIDDLE])) == (b"", 16 * tiles.HASH)
    with pytest.raises(psycopg.errors.GeneratedAlways):
        as_superuser.execute("UPDATE processing_log_tile SET middle = ''")


def test_a_late_commit_gets_a_later_leaf_and_an_abort_none(as_superuser):
    with psycopg.connect(**_dsn()) as late, psycopg.connect(**_dsn()) as aborted:
        late.execute(INSERT, ["late"])
        aborted.execute(INSERT, ["aborted"])
        make_event(reason="early")

        assert sequence() == 0  # an older transaction is running: what is above it waits
        aborted.rollback()
        assert sequence() == 0
        late.commit()

    assert sequence() == 2
    assert sorted(reasons_in_order()) == ["early", "late"]
    assert sequence() == 0


def test_of_two_sequencers_one_works_and_the_other_goes_away(as_superuser):
    make_event()
    as_superuser.execute("SELECT pg_advisory_lock(%s)", [sequencer.LOCK])

    assert sequence() is None

    as_superuser.execute("SELECT pg_advisory_unlock_all()")
    assert sequence() == 1


def test_many_sequencers_and_writers_at_once_leave_one_contiguous_tree():
    writers = [threading.Thread(target=_write, args=(number,)) for number in range(4)]
    readers = [threading.Thread(target=_sequence_often) for _ in range(2)]
    for thread in [*writers, *readers]:
        thread.start()
    for thread in [*writers, *readers]:
        thread.join()
    sequence()

    assert sorted(reasons_in_order()) == sorted(Event.objects.values_list("reason", flat=True))
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(80))
    assert bytes(TreeState.objects.get().root) == by_the_book.mth(leaves())


def test_after_a_restore_into_another_cluster_everything_is_taken_once(as_superuser):
    make_event(reason="first")
    sequence()
    make_event(reason="second")
    # There the transactions are counted anew: those of old rows may be ahead of any that will come.
    as_superuser.execute("UPDATE processing_log_treestate SET cluster = 12345, after_transaction = '9999999'")

    assert sequence(limit=1) == 1
    make_event(reason="third")
    assert sequence() == 1
    assert sequence() == 0
    assert reasons_in_order() == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE processing_log_tile SET hashes = set_byte(hashes, 3, get_byte(hashes, 3) # 1)", "root"),
        ("UPDATE processing_log_tile SET hashes = substr(hashes, 1, 32)", "tiles"),
        ("DELETE FROM processing_log_tile", "tiles"),
        ("UPDATE processing_log_treestate SET root = sha256('x')", "root"),
        ("UPDATE processing_log_treestate SET size = 1", "indices"),
        ("UPDATE processing_log_leaf SET index = 2 WHERE index = 1", "indices"),
    ],
)
def test_whatever_does_not_fit_stops_it_with_an_alarm(as_superuser, damage, code):
    make_event()
    make_event()
    sequence()
    make_event()
    for table in ("tile", "treestate", "leaf"):
        as_superuser.execute(f"ALTER TABLE processing_log_{table} DISABLE TRIGGER USER")
    as_superuser.execute(damage)

    with pytest.raises(Inconsistent) as stopped:
        sequence()

    assert stopped.value.code == code
    assert TreeState.objects.get().alarm == code
    assert Leaf.objects.count() == 2


def test_a_sequencer_that_forgot_where_it_stood_takes_nothing_twice(as_superuser):
    make_event()
    sequence()
    make_event()
    as_superuser.execute("UPDATE processing_log_treestate SET after_event = 0, after_transaction = '0'")

    assert sequence() == 1
    assert Leaf.objects.count() == 2


def test_database_refuses_everybody_to_take_from_the_tree(as_superuser, signer):
    make_event()
    sequence()
    sign()
    for statement in (
        "UPDATE processing_log_leaf SET data = ''",
        "DELETE FROM processing_log_leaf",
        "TRUNCATE processing_log_leaf",
        "UPDATE processing_log_tile SET hashes = sha256('x')",
        "DELETE FROM processing_log_tile",
        "TRUNCATE processing_log_tile",
        "UPDATE processing_log_treestate SET size = 0",
        "DELETE FROM processing_log_treestate",
        "UPDATE processing_log_checkpoint SET note = ''",
        "DELETE FROM processing_log_logkey",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_superuser.execute("SET session_replication_role = replica; " + statement)
        with psycopg.connect(**_dsn()) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(statement)


def _write(number: int) -> None:
    try:
        for turn in range(20):
            make_event(reason=f"{number}-{turn}")
    finally:
        connection.close()


def _sequence_often() -> None:
    try:
        for _ in range(10):
            sequence(limit=5)
    finally:
        connection.close()


def _dsn() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("dbname", "user", "password", "host") if name in parameters}
