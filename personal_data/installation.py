"""What the database is given after each migration: triggers of the sealed tables, and the first epoch of the keyring.

Also the other direction: a process makes sure, once, that its keyring belongs to the database it talks to.
"""

from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections, transaction

from personal_data import keyring, sealing
from personal_data.errors import Altered, KeyringMismatch

CANARY: Final = b"this keyring opens this database"
_fitting: set[tuple[str, str]] = set()


def install(using: str, **_: Any) -> None:
    """The post_migrate receiver; runs as the owner of the tables."""
    from personal_data import triggers

    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        present = set(connections[using].introspection.table_names(cursor))
        for statement in triggers.statements(present):
            cursor.execute(statement)
    _open_first_epoch(using)


def _open_first_epoch(using: str) -> None:
    from law import clock
    from personal_data.models import KeyEpoch

    ring = keyring.current()
    if KeyEpoch.objects.using(using).exists():
        return
    number = ring.newest_epoch
    KeyEpoch.objects.using(using).create(
        number=number, keyring_id=ring.id, canary=_canary(ring, number), opened_at=clock.now()
    )


def _canary(ring: keyring.Keyring, number: int) -> bytes:
    cipher = ring.epoch_cipher(number)
    assert cipher is not None
    return sealing.seal(cipher, CANARY, _place(ring, number))


def _place(ring: keyring.Keyring, number: int) -> bytes:
    return b"canary|%d|" % number + ring.id.bytes


def ensure_keyring_fits(using: str) -> None:
    """Opens the canary of every epoch in use, once a process; raises KeyringMismatch (or KeyringMissing)."""
    ring = keyring.current()
    known = (str(connections[using].settings_dict["NAME"]), str(ring.id))
    if known in _fitting:
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT number, keyring_id, canary FROM personal_data_keyepoch WHERE retired_at IS NULL")
        epochs = cursor.fetchall()
    if not epochs:
        raise KeyringMismatch("the database has no key epoch: it was not migrated with this keyring")
    for number, keyring_id, canary in epochs:
        if keyring_id != ring.id:
            raise KeyringMismatch("the keyring belongs to another database")
        _open_canary(ring, number, bytes(canary))
    _fitting.add(known)


def _open_canary(ring: keyring.Keyring, number: int, canary: bytes) -> None:
    cipher: AESGCM | None = ring.epoch_cipher(number)
    if cipher is None:
        raise KeyringMismatch(f"the keyring has no key of epoch {number}, which is in use")
    try:
        sealing.unseal(cipher, canary, _place(ring, number))
    except (Altered, InvalidTag):
        raise KeyringMismatch(f"the keyring's key of epoch {number} is not the one in use") from None
