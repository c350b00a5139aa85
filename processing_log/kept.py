"""A checkpoint that somebody kept, beside the newest one: did the log only grow since?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from processing_log import merkle, notes, publication, tiles, witnesses
from processing_log.models import Checkpoint
from processing_log.notes import Malformed, Note, NotSigned, PublicKey, TreeHead
from processing_log.tiles import Torn

LONGEST: Final = 16 * 1024


class Verdict(TextChoices):
    """What came out; "grown" and "same" alone are good."""

    GROWN = "grown", _("The log only grew since: what you kept is where it begins.")
    SAME = "same", _("It is the newest checkpoint, letter by letter.")
    FORKED = "forked", _("The log was written anew: its first entries are not those that you kept the root of.")
    CUT = (
        "cut",
        _("The log was cut or rolled back: it has fewer entries than what you kept, and you kept what it signed."),
    )
    OTHER_LOG = "other_log", _("This is a checkpoint of another log.")
    UNKNOWN_KEY = "unknown_key", _("No key of this log has signed it.")
    BROKEN = "broken", _("A key of this log is named, and its signature does not fit the text: a letter was changed.")
    NOT_KEPT = "not_kept", _("What would show it is not kept any more: the hashes of those entries are missing.")
    NOTHING_SIGNED = "nothing_signed", _("This log has not signed a checkpoint yet.")
    NO_NOTE = (
        "no_note",
        _("This is not a checkpoint. It has the name of the log, a number, a root, an empty line, signatures."),
    )


GOOD: Final = frozenset({Verdict.GROWN, Verdict.SAME})
#: What is nobody's fault but the paste's.
UNCLEAR: Final = frozenset({Verdict.OTHER_LOG, Verdict.NO_NOTE, Verdict.NOTHING_SIGNED})


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`proof` is RFC 9162's consistency proof, in base64, from the kept size to the newest."""

    verdict: Verdict
    kept: TreeHead | None = None
    signed_by: Sequence[str] = ()
    cosigned_by: Sequence[str] = ()
    newest: Checkpoint | None = None
    newest_head: TreeHead | None = None
    proof: Sequence[str] = ()

    @property
    def is_good(self) -> bool:
        return self.verdict in GOOD

    @property
    def tone(self) -> str:
        return "good" if self.is_good else "warn" if self.verdict in UNCLEAR else "bad"


def tidy(text: str) -> str:
    """As mail programs and clipboards leave a note, back to how it was: line ends, blank lines around, a byte mark."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n ").split("\n")
    return "\n".join(line.rstrip(" ") for line in lines) + "\n"


def compare(text: str) -> Comparison:
    newest = publication.newest_checkpoint()
    if newest is None:
        return Comparison(verdict=Verdict.NOTHING_SIGNED)
    head = TreeHead.parse(Note.parse(newest.note).text)
    try:
        note = Note.parse(tidy(text))
        kept = TreeHead.parse(note.text)
    except (Malformed, UnicodeError):
        return Comparison(verdict=Verdict.NO_NOTE, newest=newest, newest_head=head)
    verdict, signed, cosigned, proof = _judge(note, kept, head)
    return Comparison(
        verdict=verdict, kept=kept, signed_by=signed, cosigned_by=cosigned, newest=newest, newest_head=head, proof=proof
    )


def _judge(note: Note, kept: TreeHead, head: TreeHead) -> tuple[Verdict, list[str], list[str], list[str]]:
    if kept.origin != head.origin:
        return Verdict.OTHER_LOG, [], [], []
    try:
        signed = [str(key) for key in note.signed_by(map(PublicKey.parse, publication.signing_keys()))]
        cosigned = [key.name for key in note.signed_by(map(PublicKey.parse, witnesses.public_keys()))]
    except NotSigned:
        return Verdict.BROKEN, [], [], []
    if not signed:
        return Verdict.UNKNOWN_KEY, [], cosigned, []
    verdict, proof = _since(kept, head)
    return verdict, signed, cosigned, proof


def _since(kept: TreeHead, head: TreeHead) -> tuple[Verdict, list[str]]:
    if kept.size > head.size:
        return Verdict.CUT, []
    if kept.size == head.size:
        return (Verdict.SAME if kept.root == head.root else Verdict.FORKED), []
    try:
        proof = tiles.consistency(kept.size, head.size)
    except Torn:
        return Verdict.NOT_KEPT, []
    grew = merkle.is_consistent(kept.size, head.size, kept.root, head.root, proof)
    return (Verdict.GROWN if grew else Verdict.FORKED), [notes.to_base64(part) for part in proof] if grew else []
