"""What the database is given after each migration: triggers of the sealed tables, and the first epoch of the keyring.

Also the other direction: a process makes sure, once, that its keyring belongs to the database it talks to.
"""

from typing import Any, Final

from django.db import connections, transaction

from personal_data import keyring
from personal_data.errors import KeyringMismatch

CANARY: Final = b"this keyring opens this database"
_fitting: dict[str, keyring.Ring] = {}


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
    if not KeyEpoch.objects.using(using).exists():
        KeyEpoch.objects.using(using).create(**epoch_row(ring, ring.active_epoch), opened_at=clock.now())


def epoch_row(ring: keyring.Ring, number: int) -> dict[str, Any]:
    """What the database is told of a key: its number, its keyring, and a canary that only that key opens."""
    (canary,) = ring.wrap([(CANARY, _place(ring, number))], number)
    return {"number": number, "keyring_id": ring.id, "canary": canary}


def _place(ring: keyring.Ring, number: int) -> bytes:
    return b"canary|%d|" % number + ring.id.bytes


def ensure_keyring_fits(using: str) -> None:
    """Opens the canary of every epoch in use, once for each state of the keyring; raises KeyringMismatch (or
    KeyringMissing)."""
    ring = keyring.current()
    name = str(connections[using].settings_dict["NAME"])
    if _fitting.get(name) is ring:
        return
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT number, keyring_id, canary FROM personal_data_keyepoch WHERE retired_at IS NULL")
        epochs = cursor.fetchall()
    if not epochs:
        raise KeyringMismatch("the database has no key epoch: it was not migrated with this keyring")
    for number, keyring_id, canary in epochs:
        if number not in ring.epochs:
            ring = keyring.current(anew=True)  # somebody opened an epoch meanwhile
        if keyring_id != ring.id:
            raise KeyringMismatch("the keyring belongs to another database")
        _open_canary(ring, number, bytes(canary))
    _fitting[name] = ring


def _open_canary(ring: keyring.Ring, number: int, canary: bytes) -> None:
    if number not in ring.epochs:
        raise KeyringMismatch(f"the keyring has no key of epoch {number}, which is in use")
    if ring.unwrap([(canary, _place(ring, number))], number) != [CANARY]:
        raise KeyringMismatch(f"the keyring's key of epoch {number} is not the one in use")
