"""C2SP signed notes, checkpoints and cosignatures: the texts' own examples, and no byte that could be another."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from processing_log import merkle, notes
from processing_log.notes import Malformed, Note, NotSigned, PublicKey, TreeHead
from tests.processing_log.tree import by_the_book
from tests.processing_log.tree.test_merkle import LEAVES, nodes

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = "portal.example.ru/pdlog+b6fb84c8+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
CHECKPOINT = """portal.example.ru/pdlog
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— portal.example.ru/pdlog tvuEyEuzf6hileU4ENTqpAKdgvnJEoyCdO4A/07sIJGVEb5N96gHC8R/SOTZdDsFJsKq9Tfy9fMbfgZj7AczEsp+OAs=
"""
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
WITNESS_VKEY = "auditor.example.ru/w1+fa6b1601+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
COSIGNATURE = (
    "— auditor.example.ru/w1 +msWAQAAAABrAjCAGhRfn5XSFK3NA8FSLsgdEJpCGE/j434R+WDxnadbPUSS3zQDs88fAOtxa4UIJGEesEG/"
    "dxKJGHJdOaGJOe0kAQ=="
)


def test_the_example_of_the_specification_is_accepted():
    key = PublicKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    note = Note.parse(
        "This is an example message.\n\n— example.com/foo "
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )
    assert note.text == "This is an example message.\n"
    assert note.signed_by([key]) == [key]


def test_a_checkpoint_is_written_as_in_the_reference_vector():
    head = TreeHead(origin="portal.example.ru/pdlog", size=8, root=merkle.root(8, nodes(LEAVES)))

    note = notes.sign(str(head), head.origin, KEY)

    assert str(note) == CHECKPOINT
    assert str(notes.public_key(head.origin, KEY)) == VKEY
    assert Note.parse(CHECKPOINT) == note
    assert TreeHead.parse(note.text) == head
    assert by_the_book.open_note(CHECKPOINT, VKEY) == note.text


def test_a_cosignature_is_written_as_in_the_reference_vector():
    note = Note.parse(CHECKPOINT)

    signature = notes.cosign(note.text, "auditor.example.ru/w1", WITNESS_KEY, seconds=1795305600)

    assert str(signature) == COSIGNATURE
    assert signature.cosigned_at == 1795305600
    both = Note(text=note.text, signatures=(*note.signatures, signature))
    keys = [PublicKey.parse(VKEY), PublicKey.parse(WITNESS_VKEY)]
    assert both.signed_by(keys) == keys
    assert by_the_book.open_note(str(both), WITNESS_VKEY) == note.text


def test_unknown_signatures_are_passed_over_and_broken_ones_refused():
    note = Note.parse(CHECKPOINT)
    assert note.signed_by([PublicKey.parse(WITNESS_VKEY)]) == []
    with pytest.raises(NotSigned):
        Note(text=note.text.replace("\n8\n", "\n9\n"), signatures=note.signatures).signed_by([PublicKey.parse(VKEY)])


def test_no_byte_of_a_checkpoint_can_be_another():
    content, key = CHECKPOINT.encode(), PublicKey.parse(VKEY)
    wrong = [
        *(
            content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]
            for at in range(len(content))
            for bit in (1, 32)
        ),
        *(content[:at] + content[at + 1 :] for at in range(len(content))),
        *(content[:at] + b"A" + content[at:] for at in range(len(content) + 1)),
        *(content[:at] + b"\n" + content[at:] for at in range(len(content) + 1)),
    ]
    assert [edited for edited in wrong if edited != content and _is_accepted(edited, key)] == []


def _is_accepted(content: bytes, key: PublicKey) -> bool:
    try:
        return Note.parse(content.decode()).signed_by([key]) == [key]
    except ValueError:
        return False


@pytest.mark.parametrize(
    "vkey", ["", "a", "a+b+c", VKEY.replace("b6", "b7"), VKEY + "=", VKEY.replace("AQ", "BQ"), " " + VKEY, VKEY[:-4]]
)
def test_what_is_no_public_key_is_refused(vkey):
    with pytest.raises(Malformed):
        PublicKey.parse(vkey)


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n", "\n1\nAAAA\n"])
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(Malformed):
        TreeHead.parse(text)
