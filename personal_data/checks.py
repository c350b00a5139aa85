"""`manage.py check` fails when a column could hold personal data in the clear, or a trigger is not what it must be."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import connections, models

from personal_data import data_map, triggers
from personal_data.fields import SealedMixin
from personal_data.models import PersonalModel
from profiles import current as current_profile

#: Columns of these types can hold a person's words; numbers, dates, booleans and keys can't say enough.
TELLING = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    models.GenericIPAddressField,
    models.FilePathField,
)
ALWAYS_TELLING = ("ArrayField", "HStoreField", "InetAddressField", "DateRangeField")


def register_all() -> None:
    checks.register(every_column_is_decided, checks.Tags.models)
    checks.register(every_category_is_known, checks.Tags.models)
    checks.register(every_trigger_is_installed, checks.Tags.database)


def every_column_is_decided(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    return [message for model in _own_models(app_configs) for message in _undecided(model)]


def _own_models(app_configs: Sequence[AppConfig] | None) -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if data_map.is_ours(model) and (app_configs is None or model._meta.app_config in app_configs):
            yield model


def _undecided(model: type[models.Model]) -> Iterator[checks.CheckMessage]:
    impersonal: dict[str, str] = getattr(model, "IMPERSONAL", {})
    names = {field.name for field in model._meta.concrete_fields}
    for unknown in sorted(set(impersonal) - names):
        yield checks.Error(f"IMPERSONAL names {unknown!r}, which is no column", obj=model, id="personal_data.E002")
    for field in model._meta.concrete_fields:
        if isinstance(field, SealedMixin):
            if not issubclass(model, PersonalModel):
                yield checks.Error("sealed fields need PersonalModel", obj=field, id="personal_data.E003")
        elif _is_telling(field) and not impersonal.get(field.name):
            yield checks.Error(
                "the column is neither sealed nor declared impersonal",
                hint='Use a Sealed…Field with a category, or IMPERSONAL = {"column": "why it tells of nobody"}.',
                obj=field,
                id="personal_data.E001",
            )


def _is_telling(field: "models.Field[Any, Any]") -> bool:
    from personal_data.blind_index import BlindIndexField

    if isinstance(field, BlindIndexField) or field.remote_field is not None:
        return False
    return isinstance(field, TELLING) or type(field).__name__ in ALWAYS_TELLING


def every_category_is_known(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Each sealed field's category is one of the profile's, and some purpose covers it."""
    profile = current_profile()
    covered = {category for purpose in profile.purposes.values() for category in purpose.categories}
    messages: list[checks.CheckMessage] = []
    for model in data_map.sealed_models():
        for field in model.sealed_fields():
            if field.category not in profile.categories:
                messages.append(
                    checks.Error(f"the profile has no category {field.category!r}", obj=field, id="personal_data.E004")
                )
            elif field.category not in covered:
                messages.append(
                    checks.Error(f"no purpose covers category {field.category!r}", obj=field, id="personal_data.E005")
                )
    return messages


def every_trigger_is_installed(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Each sealed table has the functions that its model asks for, and its triggers are switched on for everybody."""
    messages: list[checks.CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT p.proname, encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') FROM pg_trigger t "
                "JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgenabled = 'A' AND t.tgname LIKE 'sealed_%'"
            )
            installed: dict[str, str] = dict(cursor.fetchall())
        for name, digest in triggers.expected_bodies().items():
            if installed.get(name) != digest:
                messages.append(
                    checks.Error(
                        f"trigger function {name} is missing or not current",
                        hint="Run `manage.py migrate`.",
                        id="personal_data.E006",
                    )
                )
    return messages
