"""What has to be known of a subject before anything is opened: one row of the vault, loaded many at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections

from personal_data import keyring
from personal_data.declaring import DECLARE_BEFORE_BYTES
from personal_data.errors import Destroyed, KeyringMismatch, WrongKey
from personal_data.keyring import Decrypt
from personal_data.sealing import FIRST_KEY, NONCE_BYTES
from processing_log.events import uuid_array

# Codes hold neither space nor comma.
STANDING: Final = """s.kind || ' ' || s.epoch_id || ' '
|| (s.blocked_at IS NOT NULL)::int || ' ' || (s.destroyed_at IS NOT NULL)::int || ' ' || s.key_number || ' '
|| array_to_string(s.open_purposes, ',')"""
# What many subjects share, and after the end of the line the wrapped key.
CARD: Final = f"convert_to({STANDING} || E'\\n', 'UTF8') || coalesce(s.wrapped_key, '')"
CARD_OF: Final = f"(SELECT {CARD} FROM vault.personal_data_subject s WHERE s.id = {{subject}})"  # noqa: S608
_LOAD: Final = f"SELECT s.id, {CARD} FROM personal_data_subject s WHERE s.id = ANY(%s::uuid[])"  # noqa: S608
#: of one value too, in the same moment: a key and what was sealed under it belong together
_WITH_VALUE: Final = f"""SELECT {CARD}, (SELECT t.{{column}} FROM {{table}} t WHERE t.id = %s)
FROM personal_data_subject s WHERE s.id = %s"""  # noqa: S608
_DECLARE_AND_LOAD: Final = _LOAD.replace("s.id, ", f"s.id, {DECLARE_BEFORE_BYTES} || ", 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """All but the key: one object for all people of whom it is the same, and most are. `key_number` is the first byte
    of whatever is sealed under the key, `key_byte` the same as bytes."""

    kind: str
    epoch: int
    is_blocked: bool
    is_destroyed: bool
    key_number: int
    key_byte: bytes
    open_purposes: frozenset[str]


@lru_cache(maxsize=1024)
def _standing(text: bytes) -> Standing:
    kind, epoch, is_blocked, is_destroyed, number, purposes = text.decode().split(" ")
    return Standing(
        kind=kind,
        epoch=int(epoch),
        is_blocked=is_blocked == "1",
        is_destroyed=is_destroyed == "1",
        key_number=int(number),
        key_byte=bytes((int(number),)),
        open_purposes=frozenset(purposes.split(",")) - {""},
    )


class SubjectState:
    """A subject as it was when its card was read. Its key is unwrapped when the scope first asks
    for it, once."""

    __slots__ = ("cipher_if_any", "decrypt", "id", "id_bytes", "loaded_at", "standing", "was_unwrapped", "wrapped_key")

    def __init__(self, subject_id: UUID, card: bytes, *, loaded_at: float) -> None:
        """`loaded_at` is of the monotonic clock, in seconds."""
        standing, _, self.wrapped_key = card.partition(b"\n")
        self.id = subject_id
        self.id_bytes = subject_id.bytes
        self.loaded_at = loaded_at
        self.standing = _standing(standing)
        self.was_unwrapped = False
        self.cipher_if_any: AESGCM | None = None
        self.decrypt: Decrypt | None = None

    def take(self, key: bytes) -> None:
        self.was_unwrapped = True
        self.cipher_if_any = AESGCM(key)
        self.decrypt = self.cipher_if_any.decrypt

    @property
    def cipher(self) -> AESGCM:
        """Raises Destroyed or WrongKey."""
        if self.cipher_if_any is None:
            raise WrongKey(str(self.id)) if self.wrapped_key else Destroyed(str(self.id))
        return self.cipher_if_any


def load(ids: Iterable[UUID], declaration: list[str] | None = None, *, using: str) -> list[SubjectState]:
    """The declaration, if there is one, is made with the first row."""
    at = monotonic()
    with connections[using].cursor() as cursor:
        cursor.execute(_DECLARE_AND_LOAD if declaration else _LOAD, [*(declaration or ()), uuid_array(ids)])
        return [SubjectState(subject_id, card, loaded_at=at) for subject_id, card in cursor.fetchall()]


def load_with_value(
    subject_id: UUID, table: str, column: str, row_id: UUID, *, using: str
) -> tuple[SubjectState | None, bytes | None]:
    """A subject, and one sealed value as it stands now; None for what is not there."""
    quote, at = connections[using].ops.quote_name, monotonic()
    with connections[using].cursor() as cursor:
        cursor.execute(_WITH_VALUE.format(column=quote(column), table=quote(table)), [row_id, subject_id])
        found = cursor.fetchone()
    if found is None:
        return None, None
    card, value = found
    return SubjectState(subject_id, bytes(card), loaded_at=at), None if value is None else bytes(value)


def of_new(subject_id: UUID, kind: str, epoch: int, key: bytes) -> SubjectState:
    """Of a subject who was made just now, with the key in hand."""
    state = SubjectState(subject_id, f"{kind} {epoch} 0 0 {FIRST_KEY} \n".encode(), loaded_at=monotonic())
    state.take(key)
    return state


class Epochs(dict[int, tuple[Decrypt, bytes]]):
    """How keys of each epoch are unwrapped, and the place they are bound to. Raises KeyringMismatch."""

    def __missing__(self, epoch: int) -> tuple[Decrypt, bytes]:
        found = self[epoch] = keyring.with_epoch(epoch).opener(epoch), label(epoch)
        return found


def unwrap(state: SubjectState, epochs: Epochs) -> None:
    """Gives the subject its cipher, unless the key is gone or does not unwrap. Raises KeyringMismatch."""
    wrapped = state.wrapped_key
    if not wrapped:
        state.was_unwrapped = True
        return
    open_key, bound_to = epochs[state.standing.epoch]
    state.was_unwrapped = True
    try:
        key = open_key(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to + state.id_bytes)
    except InvalidTag:
        return
    state.take(key)


def unwrap_far(states: Iterable[SubjectState]) -> None:
    """Where each question to the keyring is a message: one for all of an epoch. What does not open is left to
    `unwrap`, which says why."""
    if not keyring.current().is_far:
        return
    by_epoch: dict[int, list[SubjectState]] = {}
    for state in states:
        if state.wrapped_key and not state.was_unwrapped:
            by_epoch.setdefault(state.standing.epoch, []).append(state)
    for epoch, alike in by_epoch.items():
        wrapped = [(state.wrapped_key, label(epoch) + state.id_bytes) for state in alike]
        try:
            keys = keyring.with_epoch(epoch).unwrap(wrapped, epoch)
        except KeyringMismatch:
            continue
        for state, key in zip(alike, keys, strict=True):
            if key is not None:
                state.take(key)


def wrap_new(keys: Sequence[tuple[UUID, bytes]]) -> tuple[int, list[bytes]]:
    """The active epoch, and the keys of new subjects wrapped under it."""
    try:
        return _wrap_active(keyring.current(), keys)
    except KeyringMismatch:
        return _wrap_active(keyring.current(anew=True), keys)  # the epoch that was active is over


def _wrap_active(ring: keyring.Ring, keys: Sequence[tuple[UUID, bytes]]) -> tuple[int, list[bytes]]:
    epoch = ring.active_epoch
    bound_to = label(epoch)
    return epoch, ring.wrap([(key, bound_to + subject_id.bytes) for subject_id, key in keys], epoch)


def label(epoch: int) -> bytes:
    """The part of a wrapped key's place that all of an epoch share; the subject's id follows."""
    return b"subject key|%d|" % epoch
