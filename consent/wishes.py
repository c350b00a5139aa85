"""Withdrawals and objections outlive a restore: what the ledgers say (wish_ledger.py) and a restored database does not
know is said again before anybody is served. Only what closes is kept: a consent that was given after the backup is lost
with it, and the person is asked anew."""

import json
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from backups.replaying import Replayed
from consent.ledger import last_entry
from consent.services import NotInForce, withdraw_consent
from consent.suppressed import Suppression
from consent.suppression import suppress
from consent.wish_ledger import SUPPRESSIONS, WITHDRAWALS, pay
from personal_data.models import Subject
from processing_log.actors import Actor
from retention import ledger

ACTOR: Final = Actor.system("restore")


def replay() -> int:
    """How many were said again. Can be done twice."""
    done = sum(_withdraw_again(line) for line in _lines(WITHDRAWALS))
    return done + sum(_suppress_again(line) for line in _lines(SUPPRESSIONS))


def _withdraw_again(line: dict[str, Any]) -> bool:
    """What was in force in the backup, and withdrawn later. The terms run from the day on which it was."""
    subject_id = UUID(line["subject"])
    last = last_entry(subject_id, line["purpose"]) if Subject.objects.filter(pk=subject_id).exists() else None
    if last is None or not last.is_given or last.turn >= line["turn"]:
        return False
    try:
        withdraw_consent(
            subject_id=subject_id, purpose=line["purpose"], actor=ACTOR, at=datetime.fromisoformat(line["at"]),
            channel=line["channel"], given_by=line["given_by"],
        )  # fmt: skip
    except NotInForce:
        return False
    return True


def _suppress_again(line: dict[str, Any]) -> bool:
    digest = bytes.fromhex(line["digest"])
    if Suppression.objects.filter(address_digest=digest).count() >= line["turn"]:
        return False  # the backup knew it, and whatever was said after it
    noon = datetime.combine(datetime.fromisoformat(line["on"]), time(12), tzinfo=ZoneInfo(settings.OPERATOR_TIME_ZONE))
    return suppress(
        digest, scope=line["scope"], reason=Suppression.Reason(line["reason"]),
        channel=Suppression.Channel(line["channel"]), actor=ACTOR, at=noon,
    )  # fmt: skip


def _lines(name: str) -> Iterator[dict[str, Any]]:
    for text in ledger.whole_lines(name):
        try:
            yield json.loads(text)
        except ValueError:
            continue  # cut short by a crash; it was written again


ROOM: Final = Replayed(name="consent", pay=pay, replay=replay)
