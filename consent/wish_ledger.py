"""Withdrawals and objections are also written down outside of the database, for a restore (wishes.py).

PORTAL_HOME/ledger/withdrawals.jsonl: reference, purpose, turn, moment, way. PORTAL_HOME/ledger/suppressions.jsonl:
digest of the address, turn, scope, way and day. Two files, for the order of one would tell whose digest it is."""

import json
import logging
from typing import Final

from django.db import DatabaseError, transaction

from consent.models import LedgerEntry, WishDebt
from consent.suppressed import Suppression
from retention import ledger

logger = logging.getLogger(__name__)

WITHDRAWALS, SUPPRESSIONS = ledger.WISHES
_AT_ONCE: Final = 500


def pay() -> None:
    """Writes what is owed, by this process or by one that died. Doing it twice is harmless."""
    while _pay_some():
        pass


def pay_soon() -> None:
    """When the act that is under way is committed; what fails then is left to beat."""

    def now() -> None:
        try:
            pay()
        except (OSError, DatabaseError):
            logger.exception("the ledger of what people said was not written: left to the timetable")

    transaction.on_commit(now)


@transaction.atomic
def _pay_some() -> bool:
    debts = list(WishDebt.objects.select_for_update(skip_locked=True).order_by("pk")[:_AT_ONCE])
    entries = LedgerEntry.objects.filter(pk__in=[debt.entry for debt in debts if debt.entry])
    rows = Suppression.objects.filter(pk__in=[debt.suppression for debt in debts if debt.suppression])
    for name, lines in (
        (WITHDRAWALS, [_withdrawal(entry) for entry in entries.order_by("at", "turn")]),
        (SUPPRESSIONS, [_suppression(row) for row in rows.order_by("entered_on", "address_digest", "turn")]),
    ):
        if lines:
            ledger.append(lines, name)
    WishDebt.objects.filter(pk__in=[debt.pk for debt in debts]).delete()
    return len(debts) == _AT_ONCE


def _withdrawal(entry: LedgerEntry) -> str:
    return json.dumps(
        {
            "subject": str(entry.subject_id), "purpose": entry.purpose, "turn": entry.turn,
            "at": entry.at.isoformat(timespec="microseconds"), "channel": entry.channel, "given_by": entry.given_by,
        }
    )  # fmt: skip


def _suppression(row: Suppression) -> str:
    return json.dumps(
        {
            "digest": bytes(row.address_digest).hex(), "turn": row.turn, "scope": row.scope, "reason": row.reason,
            "channel": row.channel, "on": row.entered_on.isoformat(),
        }
    )  # fmt: skip
