"""What would make destruction impossible is found before anybody is due."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db import models

from personal_data import data_map
from retention import erasure, living


def register_all() -> None:
    checks.register(kept_rows_stand_on_the_subject, checks.Tags.models)
    checks.register(rows_of_the_living_name_their_subject, checks.Tags.models)
    checks.register(witnesses_can_be_forgotten, checks.Tags.models)


def kept_rows_stand_on_the_subject(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """A row that stays may not lean on one that goes, may hold nothing sealed, and says why it stays."""
    messages: list[checks.CheckMessage] = []
    for holding in (holding for holding in data_map.holdings() if holding.is_kept):
        if holding.depth > 1:
            messages.append(
                checks.Error("kept rows need a key to the subject itself", obj=holding.model, id="retention.E002")
            )
        if holding.fields:
            messages.append(
                checks.Error("rows with sealed columns cannot be kept", obj=holding.model, id="retention.E003")
            )
        if not getattr(holding.model, "KEEP_REASON", ""):
            messages.append(checks.Error("kept rows need a KEEP_REASON", obj=holding.model, id="retention.E004"))
    return messages


def rows_of_the_living_name_their_subject(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """The trigger that guards a person who is gone reads the column by this name."""
    return [
        checks.Error("the column of the key to the subject must be called subject_id", obj=model, id="retention.E006")
        for model in living.guarded_models()
        if "subject_id" not in {field.column for field in model._meta.concrete_fields}
    ]


def witnesses_can_be_forgotten(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Or a member of staff who acted once could never be destroyed."""
    return [
        checks.Error(
            "a witness is forgotten when their own data is destroyed: null=True, on_delete=SET_NULL",
            obj=key,
            id="retention.E005",
        )
        for _model, key, _holding in erasure.witness_keys()
        if not key.null or key.remote_field.on_delete is not models.SET_NULL
    ]
