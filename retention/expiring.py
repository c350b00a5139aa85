"""Rows with a term of their own, shorter than their person's: copies that were made to be handed over. The data map
says which they are (PersonalModel.EXPIRES), so nothing is listed here."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import models

import profiles
from personal_data import data_map
from personal_data.fields import SealedFileField
from personal_data.scope import processing
from processing_log.actors import Actor
from profiles.schema import RetentionRule
from retention import in_force, remainders
from retention.models import FileDebt
from retention.terms import term_of

ACTOR: Final = Actor.system("destroy_due")
BATCH: Final = 500


def expiry_of(code: str, at: datetime) -> datetime:
    """When a row goes that was made at the moment `at`, by this rule of the profile. Raises KeyError."""
    return term_of(_rule(code), at).due_at


def destroy_expired(at: datetime) -> Counter[str]:
    """Destroys every row whose own term is over; how many, by table. Can be repeated and run twice at once."""
    gone: Counter[str] = Counter()
    for model in _models():
        while destroyed := _destroy_some(model, at):
            gone[model._meta.label] += destroyed
    remainders.finish()
    return gone


def count_expired(at: datetime) -> Counter[str]:
    return +Counter({model._meta.label: _expired(model, at).count() for model in _models()})


def _destroy_some(model: Any, at: datetime) -> int:
    with processing("retention", actor=ACTOR, reason=_rule(model.EXPIRES_BY).code):
        locked = _expired(model, at).select_for_update(skip_locked=True)
        ids = list(locked.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if _has_files(model):
            _owe_files(model, ids, at)
        model._base_manager.filter(pk__in=ids).delete()
    return len(ids)


def _owe_files(model: Any, ids: list[UUID], at: datetime) -> None:
    label = model._meta.label
    FileDebt.objects.bulk_create(FileDebt(model=label, row=row_id, created_at=at) for row_id in ids)


def _expired(model: Any, at: datetime) -> "models.QuerySet[Any]":
    return model._base_manager.filter(**{f"{model.EXPIRES}__lte": at})  # type: ignore[no-any-return]


def _models() -> Iterator[Any]:
    return (model for model in data_map.sealed_models() if model.EXPIRES)


def _has_files(model: Any) -> bool:
    return any(isinstance(column, SealedFileField) for column in model.sealed_fields())


def _rule(code: str) -> RetentionRule:
    return {rule.code: rule for rule in (*profiles.current().retention, *in_force.rules())}[code]
