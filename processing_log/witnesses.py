"""Who else has seen a checkpoint."""

from processing_log.models import Checkpoint
from processing_log.notes import Note


def with_cosignatures(checkpoint: Checkpoint) -> Note:
    return Note.parse(checkpoint.note)


def public_keys() -> list[str]:
    return []
