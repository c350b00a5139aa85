from datetime import date
from typing import Any

import psycopg
import pytest
from django import forms
from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.test.utils import isolate_apps
from rest_framework import serializers

from personal_data.blind_index import BlindIndexField
from personal_data.errors import Altered, Undeclared, UnsealedWrite, UnsupportedLookup
from personal_data.fields import SealedEmailField, at_rest
from personal_data.models import PersonalModel
from personal_data.scope import processing
from processing_log.models import Event
from tests.factories.personal_data import make_specimen, make_subject, person, staff
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db

VALUES: dict[str, Any] = {
    "name": "Анна",
    "email": "Anna@Example.org",
    "story": "Долгая история 🙂\nвторая строка",
    "born_on": date(1990, 2, 28),
    "details": {"город": "Рязань", "numbers": [1, 2.5, None]},
}


class SpecimenForm(forms.ModelForm[Specimen]):
    class Meta:
        model = Specimen
        fields = ("name", "email", "born_on", "details")


class SpecimenSerializer(serializers.ModelSerializer[Specimen]):
    class Meta:
        model = Specimen
        fields = ("name", "email", "story", "born_on", "details")


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_as_it_was_given(name):
    specimen = make_specimen(**VALUES)
    with processing("rights", actor=staff()):
        assert getattr(Specimen.objects.get(pk=specimen.pk), name) == VALUES[name]


def test_nothing_of_a_value_is_in_the_row(as_superuser):
    make_specimen(**VALUES, note="plain")
    row = str(as_superuser.execute("SELECT s.*, s::text FROM specimens_specimen s").fetchone())

    assert "plain" in row
    for needle in ("Анна", "nna", "Рязань", "1990", "история".encode().hex(), "example"):
        assert needle not in row


def test_equal_values_and_near_lengths_look_alike_in_length_and_differ_in_bytes():
    first, second = make_specimen(name="Яна"), make_specimen(name="Яна")
    third = make_specimen(name="Ян")
    blobs = [s.__dict__[at_rest("name")] for s in (first, second, third)]

    assert len({len(blob) for blob in blobs}) == 1
    assert len(set(blobs)) == 3


def test_a_value_that_was_not_read_survives_save_byte_for_byte():
    specimen = make_specimen(**VALUES)
    with processing("rights", actor=staff()):
        read = Specimen.objects.get(pk=specimen.pk)
        before = read.__dict__[at_rest("story")]
        read.name = "Яна"
        read.save()

    assert Specimen.objects.get(pk=specimen.pk).__dict__[at_rest("story")] == before


def test_a_model_form_shows_and_saves_sealed_values():
    specimen = make_specimen(**VALUES)
    with processing("rights", actor=person(specimen.subject_id)):
        shown = SpecimenForm(instance=Specimen.objects.get(pk=specimen.pk))
        assert shown.initial["name"] == "Анна"
        assert 'value="Anna@Example.org"' in str(shown["email"])
        changed = {"name": "Яна", "email": "", "born_on": "1991-03-01", "details": "{}"}
        form = SpecimenForm(changed, instance=Specimen.objects.get(pk=specimen.pk))
        assert form.is_valid(), form.errors
        assert form.changed_data == ["name", "email", "born_on", "details"]
        form.save()

    with processing("rights", actor=staff()):
        read = Specimen.objects.get(pk=specimen.pk)
        assert (read.name, read.email, read.born_on, read.email_index) == ("Яна", None, date(1991, 3, 1), None)


def test_a_model_form_refuses_what_does_not_fit():
    subject = make_subject()
    with processing("rights", actor=staff()):
        form = SpecimenForm(
            {"name": "x" * 101, "email": "nobody", "born_on": "soon"}, instance=Specimen(subject=subject)
        )
        assert set(form.errors) == {"name", "email", "born_on"}


def test_a_serializer_reads_and_writes_sealed_values():
    specimen = make_specimen(**VALUES)
    with processing("rights", actor=staff()):
        data = SpecimenSerializer(Specimen.objects.get(pk=specimen.pk)).data
        assert data == {**VALUES, "born_on": "1990-02-28"}
        serializer = SpecimenSerializer(data={**data, "name": "Яна"}, instance=specimen)
        assert serializer.is_valid(), serializer.errors
        serializer.save()
        assert not SpecimenSerializer(data={"name": "x" * 101}).is_valid()

    with processing("rights", actor=staff()):
        assert Specimen.objects.get(pk=specimen.pk).name == "Яна"


def test_exact_values_are_found_by_the_blind_index_whatever_the_letters_case():
    specimen = make_specimen(email="Anna@Example.org")

    assert Specimen.objects.get(email=" anna@EXAMPLE.org ") == specimen
    assert list(Specimen.objects.filter(email__in=["other@example.org", "anna@example.org"])) == [specimen]
    assert not Specimen.objects.filter(email="other@example.org").exists()
    assert Specimen.objects.exclude(email="other@example.org").count() == 1


def test_the_index_follows_its_value_also_with_update_fields():
    specimen = make_specimen(email="anna@example.org")
    with processing("rights", actor=staff()):
        specimen.email = "yana@example.org"
        specimen.save(update_fields=["email"])

    assert not Specimen.objects.filter(email="anna@example.org").exists()
    assert Specimen.objects.filter(email="yana@example.org").exists()


@isolate_apps("tests.specimens")
def test_models_of_one_abstract_base_have_blind_indexes_of_their_own():
    class Base(PersonalModel):
        email = SealedEmailField(category="email")
        email_index = BlindIndexField("email")

        class Meta:
            app_label = "specimens"
            abstract = True

    children: list[Any] = [
        type(name, (Base,), {"__module__": "tests.specimens.models"}) for name in ("First", "Second")
    ]
    indexes = [child._meta.get_field("email").blind_indexes for child in children]

    assert indexes == [[child._meta.get_field("email_index")] for child in children]
    assert len({found.digest("anna@example.org") for (found,) in indexes}) == 2


def test_database_refuses_the_same_indexed_value_twice():
    make_specimen(email="anna@example.org")
    with pytest.raises(IntegrityError):
        make_specimen(email="ANNA@example.org")


@pytest.mark.parametrize(
    "lookup", ["email__contains", "email__iexact", "name", "name__startswith", "born_on__year", "email__lt"]
)
def test_every_other_lookup_is_refused_aloud(lookup):
    with pytest.raises(UnsupportedLookup):
        Specimen.objects.filter(**{lookup: "a"}).exists()


def test_update_of_a_sealed_column_with_a_plain_value_is_refused():
    specimen = make_specimen(name="Анна")
    with pytest.raises(UnsealedWrite), processing("rights", actor=staff()):
        Specimen.objects.filter(pk=specimen.pk).update(name="Яна")


def test_bulk_create_seals_each_row_for_its_subject():
    subjects = [make_subject() for _ in range(3)]
    with processing("rights", actor=staff()):
        Specimen.objects.bulk_create([Specimen(subject=s, name=f"Анна {n}") for n, s in enumerate(subjects)])
    with processing("rights", actor=staff()):
        assert sorted(s.name for s in Specimen.objects.all()) == ["Анна 0", "Анна 1", "Анна 2"]


def test_rows_of_one_query_bring_their_keys_with_them(django_assert_num_queries):
    for number in range(3):
        make_specimen(name=f"Анна {number}")
    with processing("rights", actor=staff()), django_assert_num_queries(1 + 1):
        assert len({row.name for row in Specimen.objects.all()}) == 3


def test_rows_fetched_with_others_load_their_keys_with_one_query(django_assert_num_queries):
    for number in range(3):
        make_specimen(name=f"Анна {number}")
    with processing("rights", actor=staff()):
        rows = list(Specimen.objects.select_related("subject"))
        with django_assert_num_queries(1):
            assert len({row.name for row in rows}) == 3


def test_deferred_and_refreshed_values_stay_sealed_until_read():
    specimen = make_specimen(name="Анна", story="text")
    with processing("rights", actor=staff()):
        read = Specimen.objects.defer("name").get(pk=specimen.pk)
        assert read.name == "Анна"
        read.refresh_from_db()
        assert "name" not in read.__dict__
    assert Event.objects.filter(operation="extract").get().categories == ["name"]


def test_values_gives_ciphertext():
    specimen = make_specimen(name="Анна", details={"город": "Рязань"})
    found = Specimen.objects.values("name", "details").get()

    assert found == {name: specimen.__dict__[at_rest(name)] for name in ("name", "details")}


def test_json_that_was_changed_in_place_is_saved_and_what_was_only_read_is_not():
    specimen = make_specimen(name="Анна", details={"город": "Рязань"})
    with processing("rights", actor=staff()):
        read = Specimen.objects.get(pk=specimen.pk)
        before = read.__dict__[at_rest("details")], read.__dict__[at_rest("name")]
        assert (read.details, read.name) == ({"город": "Рязань"}, "Анна")
        read.save()
        assert before == (read.__dict__[at_rest("details")], read.__dict__[at_rest("name")])
        read.details["город"] = "Москва"
        read.save()

    with processing("rights", actor=staff()):
        assert Specimen.objects.get(pk=specimen.pk).details == {"город": "Москва"}


def test_what_was_assigned_and_not_saved_outlives_the_scope_and_what_was_opened_does_not():
    specimen = make_specimen(name="Анна", story="text")
    with processing("rights", actor=staff()):
        read = Specimen.objects.get(pk=specimen.pk)
        assert (read.name, read.story) == ("Анна", "text")
        read.name = "Яна"

    assert read.name == "Яна"
    with pytest.raises(Undeclared):
        _ = read.story
    with processing("rights", actor=staff()):
        read.save()
        assert Specimen.objects.get(pk=specimen.pk).name == "Яна"


def test_a_row_says_its_reference_and_nothing_else():
    specimen = make_specimen(name="Анна")
    assert str(specimen) == f"specimen {specimen.pk}"


# --- moved and altered ------------------------------------------------------------------------------------------------


def swap(as_superuser: Any, statement: str) -> None:
    as_superuser.execute(
        "SELECT set_config('portal.' || n, 'x', false) FROM unnest(ARRAY['actor_id','purpose','basis','system']) n"
    )
    as_superuser.execute("SELECT set_config('portal.actor_kind', 'system', false)")
    as_superuser.execute("SELECT set_config('portal.context', gen_random_uuid()::text, false)")
    as_superuser.execute(statement)


def test_a_ciphertext_swapped_between_two_people_opens_for_neither(as_superuser):
    first, second = make_specimen(name="Анна"), make_specimen(name="Яна")
    swap(as_superuser, "UPDATE specimens_specimen a SET name = b.name FROM specimens_specimen b WHERE a.id <> b.id")

    for specimen in (first, second):
        with pytest.raises(Altered), processing("rights", actor=staff()):
            _ = Specimen.objects.get(pk=specimen.pk).name
    assert Event.objects.filter(fact="refused_altered").count() == 2
    assert set(Event.objects.filter(purpose="x").values_list("db_role", flat=True)) == {as_superuser.info.user}, (
        "who set the declaration by hand is seen by the database login"
    )


def test_a_ciphertext_moved_to_another_column_of_the_row_does_not_open(as_superuser):
    specimen = make_specimen(name="Анна", story="text")
    swap(as_superuser, "UPDATE specimens_specimen SET name = story")

    with pytest.raises(Altered), processing("rights", actor=staff()):
        _ = Specimen.objects.get(pk=specimen.pk).name


def test_every_single_bit_of_a_ciphertext_counts(as_superuser):
    specimen = make_specimen(name="Анна")
    blob = specimen.__dict__[at_rest("name")]
    for bit in range(8, len(blob) * 8):
        altered = bytearray(blob)
        altered[bit // 8] ^= 1 << bit % 8
        specimen.__dict__[at_rest("name")] = bytes(altered)
        with pytest.raises(Altered), processing("rights", actor=staff()):
            _ = specimen.name


def test_database_refuses_another_number_of_the_key_and_without_the_trigger_nothing_opens(as_superuser):
    specimen = make_specimen(name="Анна")
    other_number = "UPDATE specimens_specimen SET name = set_byte(name, 0, 2)"
    with pytest.raises(psycopg.Error, match="no longer the subject's"):
        swap(as_superuser, other_number)
    as_superuser.execute("ALTER TABLE specimens_specimen DISABLE TRIGGER sealed_update")
    swap(as_superuser, other_number)
    as_superuser.execute("ALTER TABLE specimens_specimen ENABLE ALWAYS TRIGGER sealed_update")

    with pytest.raises(Altered), processing("rights", actor=staff()):
        _ = Specimen.objects.get(pk=specimen.pk).name


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def files_dir(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 300_000])
def test_a_file_comes_back_as_it_was_given(size):
    content = bytes(range(256)) * (size // 256 + 1)
    specimen = make_specimen(scan=ContentFile(content[:size], name="скан паспорта.png"))
    with processing("rights", actor=staff()):
        scan = Specimen.objects.get(pk=specimen.pk).scan
        assert (scan.name, scan.size, scan.read()) == ("скан паспорта.png", size, content[:size])
    with pytest.raises(Undeclared):
        scan.read()


def test_nothing_of_a_file_is_on_disk_in_the_clear(files_dir):
    make_specimen(scan=ContentFile(b"canary" * 1000, name="canary.txt"))
    (path,) = [path for path in files_dir.rglob("*") if path.is_file()]

    assert b"canary" not in path.read_bytes()
    assert "canary" not in str(path.relative_to(files_dir))
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", ["cut", "flip", "swap", "longer"])
def test_a_damaged_file_does_not_open(files_dir, damage):
    specimen = make_specimen(scan=ContentFile(b"a" * 65536 + b"b" * 65536, name="scan"))
    (path,) = [path for path in files_dir.rglob("*") if path.is_file()]
    whole, chunk = path.read_bytes(), 12 + 65536 + 16
    path.write_bytes({
        "cut": whole[:chunk], "flip": whole[:-1] + bytes([whole[-1] ^ 1]),
        "swap": whole[chunk:] + whole[:chunk], "longer": whole + b"x",
    }[damage])  # fmt: skip

    with pytest.raises(Altered), processing("rights", actor=staff()):
        Specimen.objects.get(pk=specimen.pk).scan.read()


@pytest.mark.django_db(transaction=True)
def test_a_replaced_or_removed_file_leaves_the_disk_after_the_commit(files_dir):
    specimen = make_specimen(scan=ContentFile(b"first", name="first"))
    with processing("rights", actor=staff()):
        specimen.scan = ContentFile(b"second", name="second")
        specimen.save()
    assert len([path for path in files_dir.rglob("*") if path.is_file()]) == 1

    with processing("rights", actor=staff()):
        specimen.scan = None
        specimen.save()
    assert not [path for path in files_dir.rglob("*") if path.is_file()]
