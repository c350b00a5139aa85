"""Whether keys, rows and files belong together, and whether what is there opens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.checks import Error, run_checks
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F

from backups.errors import NotSound
from personal_data import data_map, files, installation, keyring
from personal_data.errors import PersonalDataError
from personal_data.fields import SealedFileField
from personal_data.models import Subject
from personal_data.sealing import unseal
from personal_data.subject_state import label
from personal_data.sweeping import sweep_files
from retention.erasure import destroyed_holdings

SAMPLE: Final = 50
_AT_ONCE: Final = 1000


@dataclass(kw_only=True)
class Found:
    """`opened` values of the sample; `swept` files that belonged to nobody; `missing_files` that no disk has."""

    keys: int = 0
    opened: int = 0
    swept: int = 0
    missing_files: int = 0
    trouble: list[str] = field(default_factory=list)


def reconcile() -> Found:
    """Raises NotSound with codes and counts, never a value."""
    found = Found()
    _keys(found)
    _rows_of_nobody(found)
    found.swept = sweep_files(timedelta(0))
    _files(found)
    _self_check(found)
    _sample(found)
    if found.trouble:
        raise NotSound("; ".join(found.trouble))
    return found


def _keys(found: Found) -> None:
    installation.ensure_keyring_fits(DEFAULT_DB_ALIAS)
    living = Subject.objects.filter(destroyed_at=None).order_by("epoch_id", "pk")
    shut = 0
    for epoch, batch in _by_epoch(living.values_list("epoch_id", "pk", "wrapped_key").iterator(_AT_ONCE)):
        bound_to = label(epoch)
        wrapped = [(bytes(blob), bound_to + subject_id.bytes) for _epoch, subject_id, blob in batch]
        keys = keyring.with_epoch(epoch).unwrap(wrapped, epoch)
        shut += keys.count(None)
        found.keys += len(keys)
    if shut:
        found.trouble.append(f"{shut} keys of people do not open")


def _by_epoch(rows: Iterator[Any]) -> Iterator[tuple[int, list[Any]]]:
    batch: list[Any] = []
    for row in rows:
        if batch and (row[0] != batch[0][0] or len(batch) == _AT_ONCE):
            yield batch[0][0], batch
            batch = []
        batch.append(row)
    if batch:
        yield batch[0][0], batch


def _rows_of_nobody(found: Found) -> None:
    """Rows of people who are gone, in tables that go with their person."""
    for holding in destroyed_holdings():
        if holding.depth == 1:
            name = holding.path.removesuffix("_id")
            left = holding.model._base_manager.filter(**{f"{name}__destroyed_at__isnull": False}).count()
            if left:
                found.trouble.append(f"{left} rows of destroyed people in {holding.model._meta.label}")


def _files(found: Found) -> None:
    for model in data_map.sealed_models():
        for column in model.sealed_fields():
            if isinstance(column, SealedFileField):
                rows = model._base_manager.filter(**{f"{column.attname}__isnull": False}).values_list("pk", flat=True)
                found.missing_files += sum(
                    not files.folder_of(model._meta.db_table, column.sealed_column, row_id).exists()
                    for row_id in rows.iterator(_AT_ONCE)
                )
    if found.missing_files:
        found.trouble.append(f"{found.missing_files} sealed files are missing")


def _self_check(found: Found) -> None:
    errors = [message for message in run_checks(databases=[DEFAULT_DB_ALIAS]) if isinstance(message, Error)]
    found.trouble += [f"check {error.id}" for error in errors]


def _sample(found: Found) -> None:
    """Values of each sealed table, opened and not looked at: the newest, and the keys of their people."""
    for model in data_map.sealed_models():
        columns = {field.attname: field for field in model.sealed_fields()}
        rows = model._base_manager.order_by("-pk").annotate(
            epoch=F("subject__epoch_id"), wrapped=F("subject__wrapped_key"), key_number=F("subject__key_number")
        )
        for row in rows.values("pk", "subject_id", "epoch", "wrapped", "key_number", *columns)[:SAMPLE]:
            for name, column in columns.items():
                if row[name] is not None and row["wrapped"]:
                    found.opened += _opens(row, name, column, found)


def _opens(row: dict[str, Any], name: str, column: Any, found: Found) -> int:
    bound_to = label(row["epoch"]) + row["subject_id"].bytes
    (key,) = keyring.with_epoch(row["epoch"]).unwrap([(bytes(row["wrapped"]), bound_to)], row["epoch"])
    try:
        if key is not None:
            unseal(AESGCM(key), bytes(row[name]), column.place(row["pk"], row["subject_id"]), row["key_number"])
            return 1
    except PersonalDataError:
        found.trouble.append(f"a value of {column.model._meta.label}.{name} does not open")
    return 0
