"""Sealed fields in a ModelAdmin: edited inside a scope, shown to nobody outside of one."""

import pytest
from django.contrib.admin import AdminSite, ModelAdmin

from personal_data.errors import Undeclared, UnsupportedLookup
from personal_data.scope import processing
from processing_log.models import Event
from tests.factories.personal_data import make_specimen, staff
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db


class SpecimenAdmin(ModelAdmin[Specimen]):
    fields = ("name", "email", "born_on")
    list_display = ("id", "name")
    search_fields = ("email",)


def change(rf, specimen: Specimen, data: dict[str, str]) -> None:
    desk = SpecimenAdmin(Specimen, AdminSite())
    request = rf.post("/", data)
    form = desk.get_form(request, specimen, change=True)(data, instance=specimen)
    assert form.is_valid(), form.errors
    desk.save_model(request, form.save(commit=False), form, change=True)


def test_an_admin_form_shows_and_saves_sealed_values(rf):
    specimen = make_specimen(name="Анна", email="anna@example.org")
    with processing("rights", actor=staff(), reason="2026-000001"):
        shown = SpecimenAdmin(Specimen, AdminSite()).get_form(rf.get("/"), specimen)(instance=specimen)
        assert "Анна" in shown.as_p()
        change(rf, Specimen.objects.get(pk=specimen.pk), {"name": "Яна", "email": "yana@example.org", "born_on": ""})

    with processing("rights", actor=staff()):
        assert Specimen.objects.get(email="yana@example.org").name == "Яна"
    clarified = Event.objects.get(operation="clarify")
    assert (clarified.categories, clarified.actor_kind, clarified.reason) == (["email", "name"], "staff", "2026-000001")


def test_a_list_with_a_sealed_column_opens_nothing_undeclared(rf):
    make_specimen(name="Анна")
    rows = SpecimenAdmin(Specimen, AdminSite()).get_queryset(rf.get("/"))

    with pytest.raises(Undeclared):
        _ = [row.name for row in rows]


def test_the_admins_search_says_that_it_cannot_look_into_sealed_columns(rf):
    desk = SpecimenAdmin(Specimen, AdminSite())

    with pytest.raises(UnsupportedLookup):
        _ = list(desk.get_search_results(rf.get("/"), Specimen.objects.all(), "anna")[0])
