from typing import Any

import pytest
from django.db import models
from django.test.utils import isolate_apps

from personal_data import checks
from personal_data.fields import SealedCharField


@isolate_apps("tests.specimens")
def errors(**attributes: Any) -> list[tuple[str | None, str]]:
    model = type("Forgotten", (models.Model,), {"__module__": "tests.specimens.models", **attributes})
    return [(message.id, getattr(message.obj, "name", "")) for message in checks._undecided(model)]


@pytest.mark.parametrize(
    "field", [models.TextField(), models.CharField(max_length=9), models.JSONField(), models.BinaryField(),
              models.GenericIPAddressField(), models.FileField(), models.EmailField(), models.SlugField()],
)  # fmt: skip
def test_a_column_that_nobody_decided_on_is_an_error(field):
    assert errors(surprise=field) == [("personal_data.E001", "surprise")]


def test_a_column_declared_impersonal_with_a_reason_passes():
    assert errors(code=models.TextField(), IMPERSONAL={"code": "a code"}) == []


def test_a_declaration_without_a_reason_or_without_a_column_is_an_error():
    assert errors(code=models.TextField(), IMPERSONAL={"code": ""}) == [("personal_data.E001", "code")]
    assert errors(IMPERSONAL={"gone": "a column that was renamed"}) == [("personal_data.E002", "")]


def test_a_sealed_field_outside_of_a_personal_model_is_an_error():
    assert errors(name=SealedCharField(max_length=9, category="name")) == [("personal_data.E003", "name")]


def test_numbers_dates_and_booleans_need_no_declaration():
    assert errors(n=models.IntegerField(), d=models.DateField(), b=models.BooleanField(), u=models.UUIDField()) == []


def test_the_whole_project_passes():
    assert checks.every_column_is_decided(None) == []
    assert checks.every_category_is_known(None) == []


def test_a_category_that_the_profile_does_not_know_is_an_error(monkeypatch):
    from tests.specimens.models import Specimen

    monkeypatch.setattr(Specimen._meta.get_field("name"), "category", "horoscope")
    assert [(m.id, m.obj.name) for m in checks.every_category_is_known(None)] == [("personal_data.E004", "name")]
