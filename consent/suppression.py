"""Putting an address on the list of those that get no advertising, asking the list, and the one way off it.

The digest's key is derived from the keyring's root, which outlives the epochs of the other keys: a row of today is
found in ten years, and in a database restored from an old copy."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from consent import wish_ledger
from consent.facts import Fact
from consent.suppressed import ALL_ADVERTISING, Suppression
from notifications import addresses
from personal_data import keyring
from personal_data.blind_index import normalise_email
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from profiles import current
from profiles.schema import Purpose

PURPOSE: Final = "rights"
_LABEL: Final = "suppression of addresses"
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(encode(%s, 'hex'), 0))"
_SHARED_LOCK: Final = "SELECT pg_advisory_xact_lock_shared(hashtextextended(encode(%s, 'hex'), 0))"


class NotConfirmed(Exception):
    """No consent of this person to this purpose is in force: nothing lifts the suppression."""


class ObjectedSince(Exception):
    """The address came onto the list after the day on which the consent was given: the newer word counts."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an address stands to one purpose of advertising; `row` is None where nothing forbids to write."""

    purpose: Purpose
    row: Suppression | None


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the data map says of the rows that outlive a person."""

    title: str
    what: str
    why: str
    norm: str
    term: str


@dataclass(frozen=True, kw_only=True)
class Tally:
    scope: str
    kind: str
    reason: str
    channel: str
    number: int
    newest_on: date


def digest_of(address: str) -> bytes:
    return hmac.digest(keyring.derived(_LABEL), normalise_email(address).encode(), "sha256")


def is_suppressed(address: str, purpose: str) -> bool:
    """For whoever is about to write: asked inside of the transaction in which the mail is made. Whoever suppresses the
    address meanwhile waits for the end of it, so nothing is written after they are done."""
    digest = digest_of(address)
    with connection.cursor() as cursor:
        cursor.execute(_SHARED_LOCK, [digest])
    return Suppression.objects.in_force(digest, purpose) is not None


def suppress(
    digest: bytes,
    *,
    scope: str,
    reason: Suppression.Reason,
    channel: Suppression.Channel,
    actor: Actor,
    at: datetime,
    subject_id: UUID | None = None,
) -> bool:
    """No advertising of this scope to the address from here on. False when that was so already. `subject_id` goes into
    the log, never into the row."""
    with processing(PURPOSE, actor=actor) as act:
        _lock(digest)
        if _is_covered(digest, scope):
            return False
        _enter(digest, scope=scope, kind=Suppression.Kind.SUPPRESSED, reason=reason, channel=channel, at=at)
        wish_ledger.pay_soon()
        act.record(Fact.ADDRESS_SUPPRESSED.value, subject=subject_id, reason=f"{reason.value} {scope}")
    return True


def lift_by_consent(*, subject_id: UUID, purpose: str, actor: Actor, at: datetime, said_on: date | None = None) -> bool:
    """The one way off the list, for one purpose: the person's own new consent to it, confirmed. To be called in the act
    by which such a consent comes into force, and nowhere else. `said_on`: the day on which the person said so, if it
    was not now. False when nothing stood in the way. Raises NotConfirmed, ObjectedSince, and the choke point's
    refusals."""
    if not current().purpose(purpose).advertising:
        return False
    with processing(purpose, actor=actor):
        subject = Subject.objects.select_for_update(no_key=True).get(pk=subject_id)
        if purpose not in subject.open_purposes:
            raise NotConfirmed(purpose)
        address = addresses.address_of(subject_id, "")
        digest = digest_of(address) if address else b""
    if not digest:
        return False
    with processing(PURPOSE, actor=actor) as act:
        _lock(digest)
        row = Suppression.objects.in_force(digest, purpose)
        if row is None:
            return False
        if said_on and row.entered_on > said_on:
            raise ObjectedSince(purpose)
        _enter(
            digest,
            scope=purpose,
            kind=Suppression.Kind.LIFTED,
            reason=Suppression.Reason.CONSENT,
            channel=Suppression.Channel.PORTAL,
            at=at,
        )
        act.record(Fact.SUPPRESSION_LIFTED.value, subject=subject_id, reason=purpose)
    return True


def advertising_purposes() -> Sequence[Purpose]:
    return [purpose for purpose in current().purposes.values() if purpose.advertising]


def standing_of(address: str, *, actor: Actor) -> list[Standing]:
    """What staff are told about an address that they have in a letter. That they asked is in the log."""
    digest = digest_of(address)
    with processing(PURPOSE, actor=actor) as act:
        act.record(Fact.SUPPRESSION_CHECKED.value)
        return [
            Standing(purpose=purpose, row=Suppression.objects.in_force(digest, purpose.code))
            for purpose in advertising_purposes()
        ]


def declared() -> Declared:
    return Declared(
        title=_("Addresses that get no advertising"),
        what=_(
            "A keyed digest of the address, the purpose, a code of the reason and of the way, and the day. No name, no "
            "reference to an account; the address cannot be read back, only a known one be compared."
        ),
        why=_(
            "Whoever has said that they want no advertising is not written to again, also when their account and "
            "their data are gone."
        ),
        norm=_("Personal Data Law, article 15, part 2; Advertising Law, article 18, part 1"),
        term=_("as long as the operator sends advertising; lifted only by a new consent of the address’s owner"),
    )


def tallies() -> list[Tally]:
    """Counts for those who may see no more."""
    rows = Suppression.objects.order_by().values("scope", "kind", "reason", "channel")
    counted = rows.annotate(number=Count("id"), newest_on=Max("entered_on"))
    return [Tally(**row) for row in counted.order_by("kind", "scope", "reason", "channel")]


def _lock(digest: bytes) -> None:
    """Rows of one address are entered one after the other, and not while a mail to it is being made."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [digest])


def _is_covered(digest: bytes, scope: str) -> bool:
    """Whether the list says it already. All advertising is covered only if nothing was agreed to since."""
    if scope != ALL_ADVERTISING:
        return Suppression.objects.in_force(digest, scope) is not None
    of_address = Suppression.objects.filter(address_digest=digest)
    last = of_address.filter(scope=ALL_ADVERTISING).order_by("turn").last()
    return last is not None and not of_address.filter(turn__gt=last.turn, kind=Suppression.Kind.LIFTED).exists()


def _enter(
    digest: bytes,
    *,
    scope: str,
    kind: Suppression.Kind,
    reason: Suppression.Reason,
    channel: Suppression.Channel,
    at: datetime,
) -> None:
    Suppression.objects.create(
        address_digest=digest,
        turn=Suppression.objects.filter(address_digest=digest).count() + 1,
        scope=scope,
        kind=kind,
        reason=reason,
        channel=channel,
        entered_on=timezone.localdate(at),
    )
