"""/log/: what anybody may take."""

import itertools
from datetime import timedelta

import pytest

from access.roles import Role
from law import clock
from processing_log import publication, selectors
from processing_log.models import Checkpoint, Event, Leaf
from processing_log.publication import TilePath
from processing_log.sequencer import sequence
from processing_log.signer import sign
from tests.factories.accounts import make_user, sign_in
from tests.factories.processing_log import make_event
from tests.processing_log.tree import by_the_book
from tests.processing_log.tree.conftest import signed
from tests.processing_log.tree.test_signer import make_leaves

pytestmark = pytest.mark.django_db(transaction=True)


def test_checkpoint_keys_and_tiles_are_there_for_everybody(client, signer):
    assert client.get("/log/checkpoint").status_code == 404
    make_leaves(3)
    sign()

    [key] = client.get("/log/keys").text.splitlines()
    checkpoint = client.get("/log/checkpoint")
    text = by_the_book.open_note(checkpoint.text, key)
    tile = client.get("/log/tile/0/000.p/3")

    assert (checkpoint["Content-Type"], checkpoint["Cache-Control"][:9]) == ("text/plain; charset=utf-8", "max-age=0")
    assert (tile["Content-Type"], "immutable" in tile["Cache-Control"]) == ("application/octet-stream", True)
    leaves = [by_the_book.digest(b"\0" + bytes(leaf.data)) for leaf in Leaf.objects.order_by("index")]
    assert tile.content == b"".join(leaves)
    assert client.get("/log/tile/0/000.p/2").content == b"".join(leaves[:2])
    inner = by_the_book.digest(b"\1" + leaves[0] + leaves[1])
    assert by_the_book.hashes_in([text.splitlines()[2]]) == [by_the_book.digest(b"\1" + inner + leaves[2])]
    for missing in ("0/000", "0/000.p/4", "0/001.p/1", "1/000.p/1", "0/0", "0/000.p/0", "0/x000/000.p/1", "64/000"):
        assert client.get(f"/log/tile/{missing}").status_code == 404


def test_any_two_checkpoints_are_proved_to_everybody(client, signer):
    sizes = []
    for number in (3, 4, 9):
        make_leaves(number)
        sizes.append(signed().size)
    roots = {each.size: bytes(each.root) for each in Checkpoint.objects.all()}

    for old, new in itertools.combinations_with_replacement(sizes, 2):
        head, _gap, note = client.get(f"/log/consistency/{old}/{new}").text.partition("\n\n")
        first, *hashes = head.splitlines()
        assert (first, note) == (f"old {old}", Checkpoint.objects.get(size=new).note)
        proof = by_the_book.hashes_in(hashes)
        assert by_the_book.roots_of_proof(old, new, roots[old], proof) == (roots[old], roots[new])
    for missing in (f"{sizes[1]}/{sizes[0]}", f"1/{sizes[0]}", f"{sizes[0]}/99999999999999999999999", f"0/{sizes[0]}"):
        assert client.get(f"/log/consistency/{missing}").status_code == 404


def test_entries_are_for_the_auditor_and_reading_them_is_an_event(client):
    make_leaves(2)
    assert client.get("/log/tile/entries/000.p/2").status_code == 302
    sign_in(client, make_user(address="auditor@example.org", role=Role.AUDITOR), second_factor=True)
    before = Event.objects.count()

    bundle = client.get("/log/tile/entries/000.p/2").content

    first, second = (bytes(leaf.data) for leaf in Leaf.objects.order_by("index"))
    assert bundle == len(first).to_bytes(2, "big") + first + len(second).to_bytes(2, "big") + second
    assert Event.objects.count() == before + 1
    assert Event.objects.latest("id").reason == "entries=0"


@pytest.mark.parametrize(("place", "path"), [(0, "000"), (67, "067"), (1234067, "x001/x234/067"), (1000, "x001/000")])
def test_places_are_written_in_groups_of_three(place, path):
    assert publication.place_path(place) == path
    assert TilePath.parse(f"2/{path}.p/9") == TilePath(level=2, place=place, width=9)
    assert TilePath.parse(f"entries/{path}") == TilePath(level=None, place=place, width=256)


def test_readiness_tells_of_what_waits_too_long(signer, monkeypatch, client):
    signer.LOG_IN_THE_TREE_WITHIN, signer.LOG_SIGNED_WITHIN = timedelta(minutes=2), timedelta(minutes=5)
    make_event()
    assert selectors.trouble_of_the_tree() == ""
    later = clock.now() + timedelta(minutes=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert selectors.trouble_of_the_tree() == "sequencer_lags"
    assert client.get("/readyz").json()["log"] == "sequencer_lags"
    sequence()
    assert selectors.trouble_of_the_tree() == ""
    much_later = later + timedelta(minutes=3)
    monkeypatch.setattr(clock, "now", lambda: much_later)
    assert selectors.trouble_of_the_tree() == "not_signed"
    sign()
    assert selectors.trouble_of_the_tree() == ""
