"""What has to be known of a subject before anything is opened: one row of the vault, loaded many at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections

from personal_data import keyring
from personal_data.errors import Destroyed, KeyringMismatch, WrongKey
from personal_data.sealing import NONCE_BYTES
from processing_log.events import uuid_array

# The wrapped key, and after a space all the rest, which many subjects share. Codes hold neither space nor comma.
CARD: Final = """encode(coalesce(s.wrapped_key, ''), 'hex') || ' ' || s.kind || ' ' || s.epoch_id || ' '
|| (s.blocked_at IS NOT NULL)::int || ' ' || (s.destroyed_at IS NOT NULL)::int || ' '
|| array_to_string(s.open_purposes, ',')"""
_LOAD: Final = f"SELECT s.id, {CARD} FROM personal_data_subject s WHERE s.id = ANY(%s::uuid[])"  # noqa: S608


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """All but the key: one object for all people of whom it is the same, and most are."""

    kind: str
    epoch: int
    is_blocked: bool
    is_destroyed: bool
    open_purposes: frozenset[str]


@lru_cache(maxsize=1024)
def _standing(text: str) -> Standing:
    kind, epoch, is_blocked, is_destroyed, purposes = text.split(" ")
    return Standing(
        kind=kind,
        epoch=int(epoch),
        is_blocked=is_blocked == "1",
        is_destroyed=is_destroyed == "1",
        open_purposes=frozenset(purposes.split(",")) - {""},
    )


class SubjectState:
    """A subject as it was when its card was read. Its key is unwrapped when it is first asked for, once."""

    __slots__ = ("cipher_if_unwrapped", "id", "standing", "wrapped_key")

    def __init__(self, subject_id: UUID, card: str) -> None:
        key, _, standing = card.partition(" ")
        self.id = subject_id
        self.standing = _standing(standing)
        self.wrapped_key = key
        self.cipher_if_unwrapped: AESGCM | None = None

    @property
    def cipher(self) -> AESGCM:
        """Raises Destroyed, KeyringMismatch or WrongKey."""
        if self.cipher_if_unwrapped is None:
            unwrap_all([self])
        if self.cipher_if_unwrapped is None:
            if not self.wrapped_key:
                raise Destroyed(str(self.id))
            raise WrongKey(str(self.id))
        return self.cipher_if_unwrapped


def load(ids: Iterable[UUID], *, using: str) -> dict[UUID, SubjectState]:
    with connections[using].cursor() as cursor:
        cursor.execute(_LOAD, [uuid_array(ids)])
        return {subject_id: SubjectState(subject_id, card) for subject_id, card in cursor.fetchall()}


def unwrap_all(states: Iterable[SubjectState]) -> None:
    """Makes the ciphers of many. Leaves out whose key is gone or does not unwrap; raises KeyringMismatch."""
    epoch, open_key, label = -1, None, b""
    for state in states:
        if state.cipher_if_unwrapped is not None or not state.wrapped_key:
            continue
        if state.standing.epoch != epoch or open_key is None:
            epoch = state.standing.epoch
            open_key, label = _epoch_cipher(epoch).decrypt, _label(epoch)
        wrapped = bytes.fromhex(state.wrapped_key)
        try:
            key = open_key(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], label + state.id.bytes)
        except InvalidTag:
            continue
        state.cipher_if_unwrapped = AESGCM(key)


def wrap(key: bytes, subject_id: UUID, epoch: int, nonce: bytes) -> bytes:
    return nonce + _epoch_cipher(epoch).encrypt(nonce, key, _label(epoch) + subject_id.bytes)


def _epoch_cipher(epoch: int) -> AESGCM:
    cipher = keyring.current().epoch_cipher(epoch)
    if cipher is None:
        raise KeyringMismatch(f"the keyring has no key of epoch {epoch}")
    return cipher


def _label(epoch: int) -> bytes:
    return b"subject key|%d|" % epoch
