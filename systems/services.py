"""The acts on keys of other systems."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from personal_data.scope import processing
from processing_log.actors import Actor
from profiles import current
from systems import keys
from systems.facts import Fact
from systems.models import AskedMinute, SystemKey

PURPOSE: Final = "security"
COUNTS_ARE_KEPT: Final = timedelta(days=90)


class NameTaken(Exception):
    """The system has a key that is not revoked; a key has to be revoked before the next one is made."""


class NoSuchPurpose(Exception):
    """A purpose that the operator's profile does not have."""


class NotRevocable(Exception):
    """There is no such key, or it is revoked already."""


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """`secret` is here and nowhere else."""

    row: SystemKey
    secret: str


def make_key(
    *, name: str, purposes: Collection[str], per_minute: int, expires_at: datetime, actor: Actor, at: datetime
) -> NewKey:
    """Raises NameTaken, NoSuchPurpose."""
    if unknown := set(purposes) - set(current().purposes):
        raise NoSuchPurpose(", ".join(sorted(unknown)))
    secret = keys.new()
    with processing(PURPOSE, actor=actor) as act:
        try:
            with transaction.atomic():
                row = SystemKey.objects.create(
                    name=name,
                    digest=keys.digest(secret),
                    purposes=sorted(purposes),
                    per_minute=per_minute,
                    created_at=at,
                    expires_at=expires_at,
                )
        except IntegrityError as error:
            raise _named(error) from error
        act.record(Fact.SYSTEM_KEY_MADE.value, reason=f"system {name}")
    return NewKey(row=row, secret=secret)


def _named(error: IntegrityError) -> Exception:
    return NameTaken() if "system_key_one_a_system_unless_revoked" in str(error) else error


def revoke_key(*, key_id: UUID, actor: Actor, at: datetime) -> None:
    """From this moment the key opens nothing. Raises NotRevocable."""
    with processing(PURPOSE, actor=actor) as act:
        if not SystemKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=at):
            raise NotRevocable(str(key_id))
        name = SystemKey.objects.values_list("name", flat=True).get(pk=key_id)
        act.record(Fact.SYSTEM_KEY_REVOKED.value, reason=f"system {name}")


def forget_old_counts(*, at: datetime) -> int:
    deleted, _ = AskedMinute.objects.filter(minute__lt=at - COUNTS_ARE_KEPT).delete()
    return deleted
