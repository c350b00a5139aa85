"""What has to be known of a subject before anything is opened: one row of the vault, loaded many at a time."""

from collections.abc import Callable, Iterable
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
from personal_data.sealing import NONCE_BYTES
from processing_log.events import uuid_array

# Codes hold neither space nor comma.
STANDING: Final = """s.kind || ' ' || s.epoch_id || ' '
|| (s.blocked_at IS NOT NULL)::int || ' ' || (s.destroyed_at IS NOT NULL)::int || ' '
|| array_to_string(s.open_purposes, ',')"""
# What many subjects share, and after the end of the line the wrapped key.
CARD: Final = f"convert_to({STANDING} || E'\\n', 'UTF8') || coalesce(s.wrapped_key, '')"
CARD_OF: Final = f"(SELECT {CARD} FROM vault.personal_data_subject s WHERE s.id = {{subject}})"  # noqa: S608
_LOAD: Final = f"SELECT s.id, {CARD} FROM personal_data_subject s WHERE s.id = ANY(%s::uuid[])"  # noqa: S608
_DECLARE_AND_LOAD: Final = _LOAD.replace("s.id, ", f"s.id, {DECLARE_BEFORE_BYTES} || ", 1)


Decrypt = Callable[[bytes, bytes, bytes], bytes]


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """All but the key: one object for all people of whom it is the same, and most are."""

    kind: str
    epoch: int
    is_blocked: bool
    is_destroyed: bool
    open_purposes: frozenset[str]


@lru_cache(maxsize=1024)
def _standing(text: bytes) -> Standing:
    kind, epoch, is_blocked, is_destroyed, purposes = text.decode().split(" ")
    return Standing(
        kind=kind,
        epoch=int(epoch),
        is_blocked=is_blocked == "1",
        is_destroyed=is_destroyed == "1",
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


def of_new(subject_id: UUID, kind: str, epoch: int, key: bytes) -> SubjectState:
    """Of a subject who was made just now, with the key in hand."""
    state = SubjectState(subject_id, f"{kind} {epoch} 0 0 \n".encode(), loaded_at=monotonic())
    state.take(key)
    return state


class Epochs(dict[int, tuple[Decrypt, bytes]]):
    """How keys of each epoch are unwrapped, and the place they are bound to. Raises KeyringMismatch."""

    def __missing__(self, epoch: int) -> tuple[Decrypt, bytes]:
        found = self[epoch] = _epoch_cipher(epoch).decrypt, _label(epoch)
        return found


def unwrap(state: SubjectState, epochs: Epochs) -> None:
    """Gives the subject its cipher, unless the key is gone or does not unwrap."""
    state.was_unwrapped = True
    wrapped = state.wrapped_key
    if not wrapped:
        return
    open_key, label = epochs[state.standing.epoch]
    try:
        key = open_key(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], label + state.id_bytes)
    except InvalidTag:
        return
    state.take(key)


def wrap(key: bytes, subject_id: UUID, epoch: int, nonce: bytes) -> bytes:
    return nonce + _epoch_cipher(epoch).encrypt(nonce, key, _label(epoch) + subject_id.bytes)


def _epoch_cipher(epoch: int) -> AESGCM:
    cipher = keyring.current().epoch_cipher(epoch)
    if cipher is None:
        raise KeyringMismatch(f"the keyring has no key of epoch {epoch}")
    return cipher


def _label(epoch: int) -> bytes:
    return b"subject key|%d|" % epoch
