"""Rows of one query open together: faster, and with the same permissions and the same log as one by one."""

import copy
from typing import Any

import pytest
from django.db import connection, transaction

from personal_data.errors import Altered, Blocked, NoConsent, Undeclared, WrongKey
from personal_data.fields import at_rest
from personal_data.models import Subject, SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.models import Event
from tests.factories.personal_data import LONG_AGO, make_specimen, make_subject, staff
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db


def make_page(count: int = 4) -> list[Specimen]:
    """So many people, by number; each has a name and a story."""
    return [make_specimen(name=f"Анна {n}", story=f"История {n}", number=n) for n in range(count)]


def page() -> list[Any]:
    return list(Specimen.objects.order_by("number"))


def read_by(**fields: Any) -> set[tuple[Any, tuple[str, ...]]]:
    return {(event.subject, tuple(event.categories)) for event in Event.objects.filter(operation="extract", **fields)}


def test_a_page_reads_as_one_by_one_does():
    made = make_page()
    with processing("rights", actor=staff()):
        assert [(row.name, row.story) for row in page()] == [(f"Анна {n}", f"История {n}") for n in range(len(made))]


def test_only_rows_that_were_read_are_logged():
    made = make_page(5)
    with processing("rights", actor=staff()):
        rows = page()
        assert [row.name for row in rows[:3]] == ["Анна 0", "Анна 1", "Анна 2"]
        assert rows[0].story == "История 0"

    assert read_by() == {
        (made[0].subject_id, ("name", "request")),
        (made[1].subject_id, ("name",)),
        (made[2].subject_id, ("name",)),
    }


def test_nothing_of_a_page_stays_readable_after_the_scope():
    make_page()
    with processing("rights", actor=staff()):
        rows = page()
        assert [row.name for row in rows]

    assert not [row for row in rows if "name" in row.__dict__ or row._state.opened]
    for row in rows:
        with pytest.raises(Undeclared):
            _ = row.name


def test_a_blocked_person_stops_nobody_but_whoever_reads_them():
    made = make_page()
    made[2].subject.block(at=LONG_AGO)
    with pytest.raises(Blocked), processing("account", actor=staff()):
        rows = page()
        assert [rows[n].name for n in (0, 1, 3)] == ["Анна 0", "Анна 1", "Анна 3"]
        _ = rows[2].name

    refused = Event.objects.get(fact="refused_blocked")
    assert (refused.subject, refused.categories) == (made[2].subject_id, ["name"])
    assert read_by(fact="") == {(made[n].subject_id, ("name",)) for n in (0, 1, 3)}


def test_an_altered_value_stops_nobody_but_whoever_reads_it():
    make_page()
    with pytest.raises(Altered), processing("rights", actor=staff()):
        rows = page()
        blob = rows[2].__dict__[at_rest("name")]
        rows[2].__dict__[at_rest("name")] = blob[:-1] + bytes([blob[-1] ^ 1])
        rows[3].__dict__[at_rest("name")] = rows[0].__dict__[at_rest("name")]
        assert [rows[0].name, rows[1].name] == ["Анна 0", "Анна 1"]
        with pytest.raises(Altered):
            _ = rows[3].name
        _ = rows[2].name

    assert Event.objects.filter(fact="refused_altered").count() == 2


def test_a_key_that_does_not_unwrap_stops_nobody_but_whoever_reads_its_person(as_superuser):
    made = make_page()
    as_superuser.execute(
        "UPDATE vault.personal_data_subject SET wrapped_key = set_byte(wrapped_key, 20, "
        "255 - get_byte(wrapped_key, 20)) WHERE id = %s", [made[2].subject_id],
    )  # fmt: skip
    with pytest.raises(WrongKey), processing("rights", actor=staff()):
        rows = page()
        assert [rows[n].name for n in (0, 1, 3)] == ["Анна 0", "Анна 1", "Анна 3"]
        _ = rows[2].name

    assert Event.objects.get(fact="refused_wrong_key").subject == made[2].subject_id


def test_a_copy_of_a_row_is_closed_and_alone():
    make_page()
    with processing("rights", actor=staff()):
        rows = page()
        assert [row.name for row in rows]
        copied: Any = copy.deepcopy(rows[0])
        assert ("name" in copied.__dict__, copied._state.page) == (False, None)
        assert copied.name == "Анна 0"

    with pytest.raises(Undeclared):
        _ = copied.name


def test_withdrawal_closes_what_was_opened_ahead_and_not_read():
    made = make_page()
    for specimen in made:
        specimen.subject.open_purpose("ads")
    with pytest.raises(NoConsent), processing("ads", actor=Actor.system("mailing")):
        rows = page()
        assert [rows[0].name, rows[1].name] == ["Анна 0", "Анна 1"]
        made[2].subject.close_purpose("ads")
        assert rows[3].name == "Анна 3"
        _ = rows[2].name


def test_a_person_blocked_by_somebody_else_is_soon_closed_to_work_that_is_running(monkeypatch):
    made = make_page()
    now = [100.0]
    for module in ("acquaintance", "pages", "subject_state"):
        monkeypatch.setattr(f"personal_data.{module}.monotonic", lambda: now[0])
    with pytest.raises(Blocked), processing("account", actor=staff()):
        rows = page()
        assert [rows[0].name, rows[1].name] == ["Анна 0", "Анна 1"]
        with connection.cursor() as cursor:  # as another process would
            cursor.execute(
                "UPDATE vault.personal_data_subject SET blocked_at = now() WHERE id <> %s", [made[3].subject_id]
            )
        now[0] += 19
        assert rows[2].name == "Анна 2"
        now[0] += 2
        assert rows[3].name == "Анна 3"
        rows[2].refresh_from_db()
        _ = rows[2].name


@pytest.mark.parametrize("value", ["Яна", None])
def test_a_value_that_was_changed_after_its_page_opened_ahead_is_the_new_one(value):
    make_page()
    with processing("rights", actor=staff()):
        rows = page()
        assert [(rows[n].name, rows[n].story) for n in (0, 1)] == [(f"Анна {n}", f"История {n}") for n in (0, 1)]
        rows[3].name = value
        rows[3].save()
        with processing("account", actor=Actor.system("inner")):
            pass  # closes what is open
        assert (rows[3].story, rows[3].name) == ("История 3", value)

    with processing("rights", actor=staff()):
        assert Specimen.objects.get(number=3).name == value


def test_a_row_that_is_refreshed_after_its_page_opened_ahead_has_what_is_in_the_table():
    made = make_page()
    with processing("rights", actor=staff()):
        rows = page()
        assert [rows[0].name, rows[1].name] == ["Анна 0", "Анна 1"]
        made[3].name = "Яна"
        made[3].save()
        rows[3].refresh_from_db()
        assert rows[3].name == "Яна"


def test_no_key_is_left_in_a_row_after_the_scope():
    make_page()
    with processing("rights", actor=staff()):
        rows = page()
        wrapped = [str(bytes(subject.wrapped_key or b"")) for subject in Subject.objects.all()]
        assert [row.name for row in rows[:2]]

    assert not [key for row in rows for key in wrapped if key in str(row.__dict__)]


@pytest.mark.parametrize("asked", [{"email": "nobody@example.org"}, {"pk": "00000000-0000-4000-8000-000000000000"}])
def test_a_row_that_is_not_there_costs_as_many_statements_as_one_that_is(asked, django_assert_num_queries):
    make_specimen(email="anna@example.org")
    with processing("rights", actor=staff()):
        Specimen.objects.get(email="anna@example.org")
        with django_assert_num_queries(1), pytest.raises(Specimen.DoesNotExist):
            Specimen.objects.get(**asked)


def test_a_scope_inside_reads_a_page_for_itself_and_both_are_logged():
    made = make_page()
    with processing("rights", actor=Actor.system("outer")):
        rows = page()
        assert [row.name for row in rows[:2]] == ["Анна 0", "Анна 1"]
        with processing("account", actor=Actor.system("inner")):
            assert [row.name for row in rows[1:3]] == ["Анна 1", "Анна 2"]
        assert rows[3].name == "Анна 3"

    assert read_by(actor_id="inner") == {(made[n].subject_id, ("name",)) for n in (1, 2)}
    assert read_by(actor_id="outer") == {(made[n].subject_id, ("name",)) for n in (0, 1, 3)}


def test_what_was_sealed_in_a_scope_stays_readable_in_it_around_a_scope_inside():
    subject = make_subject()
    with processing("rights", actor=Actor.system("outer")):
        specimen = Specimen.objects.create(subject=subject, name="Анна")
        with processing("account", actor=Actor.system("inner")):
            assert specimen.name == "Анна"
        assert specimen.name == "Анна"

    assert read_by() == {(subject.id, ("name",))}
    assert not read_by(actor_id="outer")


def test_a_page_fetched_outside_is_read_by_one_scope_after_another():
    make_page()
    rows = page()
    for row in rows:
        with processing("rights", actor=staff()):
            assert row.name == f"Анна {row.number}"
    with processing("rights", actor=staff()):
        assert [row.name for row in rows] == [f"Анна {n}" for n in range(4)]


def test_one_row_brings_its_subject_with_it(django_assert_num_queries):
    specimen = make_specimen(name="Анна", email="anna@example.org")
    with processing("rights", actor=staff()):
        with django_assert_num_queries(1):
            assert Specimen.objects.get(email="anna@example.org").name == "Анна"
        with django_assert_num_queries(1):
            assert [row.name for row in Specimen.objects.select_for_update().filter(pk=specimen.pk)[:5]] == ["Анна"]
        assert "portal_card" not in Specimen.objects.get(pk=specimen.pk).__dict__


def test_the_declaration_comes_with_the_row_that_is_then_changed(django_assert_num_queries):
    specimen = make_specimen(name="Анна")
    with processing("rights", actor=staff()) as act, django_assert_num_queries(2):
        row = Specimen.objects.get(pk=specimen.pk)
        row.name = "Яна"
        row.save(update_fields=["name"])
        assert act.declaring.was_made

    assert Event.objects.get(operation="clarify").actor_kind == "staff"


def test_a_row_that_is_not_there_brings_no_declaration_and_the_next_statement_does():
    subject = make_subject()
    with processing("rights", actor=staff()) as act:
        assert not Specimen.objects.filter(number=5)[:1]
        assert act.declaring.is_awaited
        Specimen.objects.create(subject=subject, name="Анна")

    assert Event.objects.get(operation="record").purpose == "rights"


def test_the_declaration_outlives_a_savepoint_that_was_rolled_back():
    subject = make_subject()
    with processing("rights", actor=staff()):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            assert Specimen.objects.filter(subject=subject).first() is None
            _ = 1 / 0
        with pytest.raises(ZeroDivisionError), processing("account", actor=Actor.system("inner")):
            _ = 1 / 0
        Specimen.objects.create(subject=subject, name="Анна")

    assert Event.objects.get(operation="record").actor_kind == "staff"


def test_nothing_of_a_scope_waits_for_statements_after_it():
    with processing("rights", actor=staff()):
        pass
    assert connection.execute_wrappers == []


@pytest.mark.parametrize("narrowed", ["only", "select_related", "annotate", "reverse", "distinct", "union"])
def test_a_short_query_of_any_shape_opens(narrowed):
    make_page()
    short = {
        "only": Specimen.objects.only("name").order_by("number")[:2],
        "select_related": Specimen.objects.select_related("subject").order_by("number")[:2],
        "annotate": Specimen.objects.extra(select={"one": "1"}).order_by("number")[:2],
        "reverse": Specimen.objects.order_by("-number").reverse()[:2],
        "distinct": Specimen.objects.order_by("number").distinct()[:2],
        "union": Specimen.objects.all().union(Specimen.objects.all()).order_by("number")[:2],
    }[narrowed]
    with processing("rights", actor=staff()):
        assert [row.name for row in short] == ["Анна 0", "Анна 1"]


def test_an_iterator_opens_chunk_by_chunk_with_a_query_for_the_subjects_of_each(django_assert_num_queries):
    make_page(6)
    with processing("rights", actor=staff()), django_assert_num_queries(1 + 1 + 3):
        names = [row.name for row in Specimen.objects.order_by("number").iterator(chunk_size=2)]

    assert names == [f"Анна {n}" for n in range(6)]
    assert len(read_by()) == 6


def test_a_row_from_the_database_is_no_new_one():
    make_specimen(name="Анна")
    row = Specimen.objects.get()

    assert (row._state.adding, row._state.db, row.get_deferred_fields()) == (False, "default", set())


def test_many_people_made_at_once_have_keys_of_their_own(django_assert_num_queries):
    made = Subject.objects.create_many_for(kind=SubjectKind.USER, at=LONG_AGO, count=3)
    with processing("rights", actor=staff()), django_assert_num_queries(1 + 2):
        rows = Specimen.objects.bulk_create([Specimen(subject=subject, name="Яна") for subject in made])

    assert len({bytes(subject.wrapped_key or b"") for subject in Subject.objects.all()}) == 3
    with processing("rights", actor=staff()):
        assert [row.name for row in rows] == ["Яна"] * 3


def test_many_rows_are_sealed_found_and_logged_like_any_others(django_assert_num_queries):
    made = Subject.objects.create_many_for(kind=SubjectKind.USER, at=LONG_AGO, count=3)
    with processing("rights", actor=staff()):
        rows = [
            Specimen(subject=s, name=f"Яна {n}", email=f"yana{n}@example.org", number=n) for n, s in enumerate(made)
        ]
        assert len(Specimen.objects.bulk_create(rows)) == 3
        assert rows[0].name == "Яна 0"

    with processing("rights", actor=staff()):
        assert [row.name for row in page()] == ["Яна 0", "Яна 1", "Яна 2"]
        assert Specimen.objects.get(email="yana1@example.org").number == 1
    assert set(Event.objects.filter(operation="record").values_list("subject", flat=True)) == {s.pk for s in made}


def test_database_refuses_many_rows_for_a_blocked_person():
    blocked, other = make_subject(), make_subject()
    blocked.block(at=LONG_AGO)
    with pytest.raises(Blocked), processing("account", actor=staff()):
        Specimen.objects.bulk_create([Specimen(subject=other), Specimen(subject=blocked)])

    assert not Specimen.objects.exists()


def test_many_rows_that_may_be_there_already_go_the_way_of_django():
    row = make_specimen(name="Яна")
    with processing("rights", actor=staff()):
        Specimen.objects.bulk_create([Specimen(pk=row.pk, subject=row.subject, name="Ян")], ignore_conflicts=True)

    with processing("rights", actor=staff()):
        assert [each.name for each in Specimen.objects.all()] == ["Яна"]
