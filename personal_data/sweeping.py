"""Sealed files whose row never came: a transaction was rolled back, or its process died, after the file was written."""

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import models

from personal_data import data_map
from personal_data.fields import SealedFileField

#: No transaction lasts so long: what is older has no row, and will have none.
PATIENCE: Final = timedelta(days=1)
BATCH: Final = 500


def sweep_files() -> int:
    """Removes what belongs to no row, and halves of files. Returns how many folders and files went. By the clock of the
    disk: the demo's may be ahead."""
    before = time.time() - PATIENCE.total_seconds()
    return sum(
        _sweep(model, Path(settings.FILES_DIR) / model._meta.db_table / str(field.column), before)
        for model in data_map.sealed_models()
        for field in model.sealed_fields()
        if isinstance(field, SealedFileField)
    )


def _sweep(model: type[models.Model], place: Path, before: float) -> int:
    swept = 0
    folders = place.iterdir() if place.exists() else iter(())
    for batch in _batches(folders):
        found = model._default_manager.filter(pk__in=[UUID(hex=folder.name) for folder in batch])
        present = {row_id.hex for row_id in found.values_list("pk", flat=True)}
        for folder in batch:
            if folder.name not in present and folder.stat().st_mtime < before:
                shutil.rmtree(folder)
                swept += 1
            else:
                swept += sum(_drop(part) for part in folder.glob("*.part") if part.stat().st_mtime < before)
    return swept


def _batches(folders: Iterator[Path]) -> Iterator[list[Path]]:
    while batch := list(islice(folders, BATCH)):
        yield batch


def _drop(part: Path) -> int:
    part.unlink(missing_ok=True)
    return 1
