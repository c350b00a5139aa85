"""Where personal data stands, read off the models: the one source of triggers, destruction, pages and exports."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from personal_data.fields import SealedMixin
from personal_data.models import PersonalModel, Subject


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A model whose rows reach a subject. `path` leads from a row to the subject's id in ORM spelling; `depth` is the
    number of foreign keys on the way. `fields` are the sealed ones."""

    model: type[models.Model]
    path: str
    depth: int
    fields: tuple[SealedMixin, ...]
    is_kept: bool

    @property
    def categories(self) -> frozenset[str]:
        return frozenset(field.category for field in self.fields)

    def rows_of(self, *subject_ids: object) -> "models.QuerySet[models.Model]":
        return self.model._base_manager.filter(Q(**{f"{self.path}__in": subject_ids}))


@cache
def holdings() -> tuple[Holding, ...]:
    """Every model that holds something of a person, own and third-party, in an order in which rows can be deleted:
    who points before who is pointed at. The subject itself is not among them."""
    paths = _paths()
    found = [_holding(model, path) for model, path in paths.items() if model is not Subject]
    return tuple(sorted(found, key=lambda holding: (-_height(holding.model, paths), holding.model._meta.label)))


@cache
def sealed_models() -> tuple[type[PersonalModel], ...]:
    """The models with sealed columns, in the order of their tables' names."""
    found = [model for model in apps.get_models() if issubclass(model, PersonalModel) and model.sealed_fields()]
    return tuple(sorted(found, key=lambda model: model._meta.db_table))


def is_ours(model: type[models.Model]) -> bool:
    return model._meta.app_label in settings.ROOMS


def _holding(model: type[models.Model], path: str) -> Holding:
    fields = model.sealed_fields() if issubclass(model, PersonalModel) else ()
    kept = getattr(model, "ON_DESTRUCTION", "delete") == "keep"
    return Holding(model=model, path=path, depth=path.count("__") + 1, fields=fields, is_kept=kept)


def _paths() -> dict[type[models.Model], str]:
    """The shortest chain of foreign keys from each model to the subject."""
    paths: dict[type[models.Model], str] = {Subject: ""}
    frontier: list[type[models.Model]] = [Subject]
    while frontier:
        reached: list[type[models.Model]] = []
        for model in apps.get_models(include_auto_created=True):
            if model in paths:
                continue
            key = next(
                (k for k in _foreign_keys(model) if k.related_model in frontier and not _is_witness(model, k)), None
            )
            if key is not None:
                rest = paths[key.related_model]
                paths[model] = f"{key.name}__{rest}" if rest else key.attname
                reached.append(model)
        frontier = reached
    return paths


def _is_witness(model: type[models.Model], key: "models.ForeignKey[models.Model, models.Model]") -> bool:
    """A key to somebody who acted on the row (staff who took a request), not the person the row is about."""
    return key.name in getattr(model, "WITNESSES", ())


def _foreign_keys(model: type[models.Model]) -> Iterator["models.ForeignKey[models.Model, models.Model]"]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            yield field


def _height(
    model: type[models.Model], paths: dict[type[models.Model], str], seen: frozenset[object] = frozenset()
) -> int:
    """How many steps of foreign keys stand between the model and the ones that nothing of it depends on."""
    below = [
        k.related_model
        for k in _foreign_keys(model)
        if k.related_model in paths and k.related_model is not model and k.related_model not in seen
    ]
    return 1 + max((_height(target, paths, seen | {model}) for target in below), default=0)
