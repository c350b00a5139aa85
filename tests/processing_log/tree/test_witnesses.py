"""A witness cosigns only what has grown; the portal keeps only cosignatures that are right."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from processing_log import notes, packages, witnesses
from processing_log.filters import LogFilter
from processing_log.models import Checkpoint, Cosignature, LogKey, Witness
from processing_log.notes import PublicKey
from processing_log.signer import sign
from processing_log.witness_server import Refused, server
from processing_log.witness_server import Witness as Server
from tests.processing_log.tree import by_the_book
from tests.processing_log.tree.conftest import signed
from tests.processing_log.tree.test_notes import CHECKPOINT, KEY, VKEY
from tests.processing_log.tree.test_signer import make_leaves
from tests.processing_log.tree.test_verify_log import verdict

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NAME = "auditor.example.ru/w1"


@pytest.fixture
def server_side(tmp_path) -> Server:
    return Server(tmp_path / "witness", NAME, [PublicKey.parse(VKEY)])


@pytest.fixture
def witness(server_side, db) -> Iterator[Witness]:
    running = server(server_side, 0)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield witnesses.add(str(server_side.public), f"http://127.0.0.1:{running.server_port}")
    running.shutdown()
    thread.join()
    running.server_close()


def newest() -> Checkpoint:
    return Checkpoint.objects.latest("size")


@pytest.mark.django_db(transaction=True)
def test_a_cosignature_is_asked_for_kept_and_exported(signer, witness, client, tmp_path):
    make_leaves(3)
    sign()
    witnesses.ask_all(NOW)
    make_leaves(2)
    sign(at_once=True)
    witnesses.ask_all(NOW)

    assert list(Cosignature.objects.order_by("size").values_list("size", flat=True)) == [3, 5]
    shown = client.get("/log/checkpoint").text
    assert by_the_book.open_note(shown, witness.vkey) == by_the_book.open_note(shown, LogKey.objects.get().vkey)
    packages.write(tmp_path / "log.zip", wanted=LogFilter(), since=3, at=NOW)
    status, words = verdict(tmp_path / "log.zip", key=witness.vkey)
    assert (status, f"signed by portal.example.ru/pdlog, {NAME}" in words) == (0, True), words


@pytest.mark.django_db(transaction=True)
def test_a_witness_that_has_seen_more_or_something_else_says_so(signer, witness):
    make_leaves(4)
    first = signed()
    witnesses.ask_all(NOW)
    make_leaves(1)
    real = signed()
    origin = "portal.example.ru/pdlog"
    another = notes.sign(f"{origin}\n5\n{notes.to_base64(bytes(32))}\n", origin, KEY)
    witness.refresh_from_db()

    assert witnesses.ask(witness, Checkpoint(size=5, note=str(another)), NOW) == witnesses.REFUSES_GROWTH
    Witness.objects.update(size=0, answer="")  # what is told of the witness here does not count
    witness.refresh_from_db()
    assert witnesses.ask(witness, real, NOW) == witnesses.OK
    witness.size = 0
    assert witnesses.ask(witness, first, NOW) == witnesses.SEEN_MORE
    assert list(Cosignature.objects.order_by("size").values_list("size", flat=True)) == [4, 5]


@pytest.mark.django_db
def test_a_witness_nobody_reaches_costs_nothing(db):
    witness = witnesses.add(
        "auditor.example.ru/w1+fa6b1601+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X", "http://127.0.0.1:9"
    )
    checkpoint = Checkpoint.objects.create(size=8, root=bytes(32), note=CHECKPOINT, signed_at=NOW)
    assert witnesses.ask(witness, checkpoint, NOW) == "status_0"
    assert not Cosignature.objects.exists()


def ask(server_side: Server, body: str) -> tuple[int, str]:
    try:
        return 200, server_side.cosign(body.encode())
    except Refused as refused:
        return refused.status, refused.body


def test_the_server_answers_as_the_protocol_says(server_side, tmp_path):
    assert ask(server_side, "nonsense")[0] == 400
    assert ask(server_side, f"old 9\n\n{CHECKPOINT}")[0] == 400
    assert ask(server_side, f"old 0\n\n{CHECKPOINT.replace('pdlog', 'other')}")[0] == 404
    assert ask(server_side, f"old 0\n\n{CHECKPOINT.replace('tvuEyE', 'tvuEyF')}")[0] in (403, 404)
    forged = notes.sign(
        "portal.example.ru/pdlog\n8\n" + notes.to_base64(bytes(32)) + "\n", "portal.example.ru/pdlog", KEY
    )
    assert ask(server_side, f"old 0\nAAAA\n\n{CHECKPOINT}")[0] == 422
    status, line = ask(server_side, f"old 0\n\n{CHECKPOINT}")
    assert status == 200
    cosigned = CHECKPOINT + line
    assert by_the_book.open_note(cosigned, str(server_side.public)) == by_the_book.open_note(cosigned, VKEY)
    assert ask(server_side, f"old 0\n\n{CHECKPOINT}") == (409, "8\n")
    assert ask(server_side, f"old 8\n\n{CHECKPOINT}")[0] == 200
    assert ask(server_side, f"old 8\n\n{forged}")[0] == 409  # another tree of the same size
    again = Server(tmp_path / "witness", NAME, [PublicKey.parse(VKEY)])
    assert (again.public, ask(again, f"old 0\n\n{CHECKPOINT}")) == (server_side.public, (409, "8\n"))


@pytest.mark.django_db
def test_the_command_names_witnesses_and_refuses_what_is_none(capsys):
    call_command(
        "witness",
        "add",
        "auditor.example.ru/w1+fa6b1601+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X",
        "https://w.example.ru",
    )
    call_command("witness", "list")
    assert NAME in capsys.readouterr().out
    with pytest.raises(CommandError, match="signs notes"):
        call_command("witness", "add", VKEY, "https://w.example.ru")
    with pytest.raises(CommandError, match="begins with"):
        call_command(
            "witness", "add", "auditor.example.ru/w1+fa6b1601+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X", "ftp://w"
        )
