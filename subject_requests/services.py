"""The acts on a request. Each is one declared transaction."""

from subject_requests.answering import (
    NotProposed,
    NotTheSecondPerson,
    WhoIsIt,
    WrongNorm,
    answer,
    confirm_refusal,
    propose_refusal,
    return_refusal,
)
from subject_requests.clocks import NoMoreTime, NothingWritten, extend, recount_provisional
from subject_requests.corrections import ProofMissing, note_told, see_proof
from subject_requests.course import (
    NotFree,
    NotInYourHands,
    add_words,
    ask,
    hand_over,
    note,
    release,
    resume,
    take,
    withdraw,
    write_to_person,
)
from subject_requests.effects import NobodyToWriteTo, WillBeDestroyed
from subject_requests.filing import (
    AlreadyAsked,
    NothingAsked,
    NotOpen,
    Paper,
    Wanted,
    add_kinds,
    check_authority,
    file_request,
    identify,
)
from subject_requests.strangers import subject_for_stranger
from subject_requests.thread import PURPOSE

__all__ = [
    "PURPOSE",
    "AlreadyAsked",
    "NoMoreTime",
    "NobodyToWriteTo",
    "NotFree",
    "NotInYourHands",
    "NotOpen",
    "NotProposed",
    "NotTheSecondPerson",
    "NothingAsked",
    "NothingWritten",
    "Paper",
    "ProofMissing",
    "Wanted",
    "WhoIsIt",
    "WillBeDestroyed",
    "WrongNorm",
    "add_kinds",
    "add_words",
    "answer",
    "ask",
    "check_authority",
    "confirm_refusal",
    "extend",
    "file_request",
    "hand_over",
    "identify",
    "note",
    "note_told",
    "propose_refusal",
    "recount_provisional",
    "release",
    "resume",
    "return_refusal",
    "see_proof",
    "subject_for_stranger",
    "take",
    "withdraw",
    "write_to_person",
]
