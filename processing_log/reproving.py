"""Whether a log that was put back is the one that was signed: everything is read again, and nothing is believed."""

from typing import Final

from processing_log import past_term, signer, tiles
from processing_log.facts import Fact
from processing_log.models import Checkpoint, Event, Leaf, LogKey, TreeState
from processing_log.notes import Malformed, Note, NotSigned, PublicKey, TreeHead
from processing_log.sequencer import Inconsistent
from processing_log.tiles import Torn

#: so many older checkpoints are shown to be the beginning of this tree
OLDER: Final = 32


def prove(expected: TreeHead | None = None) -> int:
    """That the tree is of that size and root, that its leaves are the events and lead to the root, and that it goes on
    from what was signed. How many entries it has; raises Inconsistent."""
    state = TreeState.objects.get()
    if expected and (state.size, bytes(state.root)) != (expected.size, expected.root):
        raise Inconsistent("root")
    try:
        if tiles.root(state.size) != bytes(state.root):
            raise Inconsistent("tiles")
        if signer.read_again(_first(), state.size) != bytes(state.root):
            raise Inconsistent("root")
        for checkpoint in _some_checkpoints():
            _ensure_signed(checkpoint)
            if checkpoint.size > state.size or tiles.root(checkpoint.size) != bytes(checkpoint.root):
                raise Inconsistent("rewritten")
    except Torn:
        raise Inconsistent("tiles") from None
    return state.size


def _first() -> int:
    """From which entry on the log must be there: the log itself has to say so, in an entry that is read again."""
    kept_from = past_term.kept_from()
    said = Event.objects.filter(fact=Fact.LOG_PAST_TERM.value, reason__endswith=f" {kept_from}")
    if kept_from and not Leaf.objects.filter(event_id__in=said.values("id"), index__gte=kept_from).exists():
        raise Inconsistent("past_term")
    return kept_from


def _some_checkpoints() -> list[Checkpoint]:
    """The newest, the oldest, and some between."""
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    chosen = {*sizes[:: max(len(sizes) // OLDER, 1)], *sizes[-1:]}
    return list(Checkpoint.objects.filter(size__in=chosen))


def _ensure_signed(checkpoint: Checkpoint) -> None:
    keys = [PublicKey.parse(vkey) for vkey in LogKey.objects.values_list("vkey", flat=True)]
    try:
        note = Note.parse(checkpoint.note)
        head = TreeHead.parse(note.text)
        is_signed = bool(note.signed_by(keys))
    except (Malformed, NotSigned):
        is_signed = False
    if not is_signed or (head.size, head.root) != (checkpoint.size, bytes(checkpoint.root)):
        raise Inconsistent("signature")
