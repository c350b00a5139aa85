"""What a destruction still has to do outside of the database, once its transaction has committed.

The work is a row of that transaction: it is done when the row is gone, whoever dies in between. Doing it twice is
harmless. Nothing is reported as done before this has run.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db import transaction

from personal_data import files
from personal_data.resealing import Replaced
from retention import batch, ledger, records
from retention.models import FileDebt, LedgerDebt
from retention.records import Numbers

_FILES_AT_ONCE: Final = 500


def owe(numbers: Numbers, *, at: datetime) -> None:
    """Notes the debts of the batch: the lines of its records, and the files of its rows."""
    owe_lines(numbers, at=at)
    batch.owe_files(at)


def owe_lines(numbers: Numbers, *, at: datetime) -> None:
    LedgerDebt.objects.create(year=numbers.year, first=numbers.first, last=numbers.last, created_at=at)


def owe_files(replaced: Iterable[Replaced], *, at: datetime) -> None:
    FileDebt.objects.bulk_create(
        FileDebt(model=one.model, row=one.row, column=one.column, name=one.name, created_at=at) for one in replaced
    )


def finish() -> None:
    """Pays what is owed, by this process or by one that died."""
    while _erase_some_files():
        pass
    while _write_some_lines():
        pass


def _erase_some_files() -> bool:
    with transaction.atomic():
        debts = list(FileDebt.objects.select_for_update(skip_locked=True).order_by("pk")[:_FILES_AT_ONCE])
        for debt in debts:
            _erase(apps.get_model(debt.model), debt)
        FileDebt.objects.filter(pk__in=[debt.pk for debt in debts]).delete()
        return bool(debts)


def _erase(model: Any, debt: FileDebt) -> None:
    if debt.name:
        files.erase_one(model, debt.column, debt.row, debt.name)
    else:
        files.erase_rows(model, [debt.row])


def _write_some_lines() -> bool:
    with transaction.atomic():
        debt = LedgerDebt.objects.select_for_update(skip_locked=True).order_by("pk").first()
        if debt is None:
            return False
        ledger.append(records.lines(Numbers(year=debt.year, first=debt.first, last=debt.last)))
        debt.delete()
        return True
