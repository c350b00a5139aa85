from datetime import date

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from personal_data.errors import Blocked, Destroyed, NoConsent, NotCovered, Undeclared, UnknownPurpose
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.models import Event
from processing_log.operations import Operation
from tests.factories.personal_data import LONG_AGO, make_specimen, make_subject, person, staff
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db


def events(**fields: object) -> list[tuple[str, str, tuple[str, ...]]]:
    found = Event.objects.filter(**fields).order_by("id")
    return [(event.operation, event.fact, tuple(event.categories)) for event in found]


def test_reading_outside_of_a_scope_is_undeclared():
    specimen = make_specimen(name="Анна")

    with pytest.raises(Undeclared):
        _ = Specimen.objects.get(pk=specimen.pk).name


def test_an_instance_closes_when_its_scope_ends():
    specimen = make_specimen(name="Анна")
    with processing("rights", actor=staff()):
        read = Specimen.objects.get(pk=specimen.pk)
        assert read.name == "Анна"

    with pytest.raises(Undeclared):
        _ = read.name
    with pytest.raises(Undeclared):
        _ = specimen.name


def test_a_read_by_staff_is_logged_once_a_subject_with_what_was_opened():
    specimen = make_specimen(name="Анна", email="anna@example.org", story="text")
    with processing("rights", actor=staff(), reason="2026-000001"):
        read = Specimen.objects.get(pk=specimen.pk)
        _ = read.name, read.name, read.email

    event = Event.objects.get(operation=Operation.EXTRACT)
    assert (event.subject, event.categories, event.purpose, event.basis, event.reason, event.actor_kind) == (
        specimen.subject_id, ["email", "name"], "rights", "6.1.2", "2026-000001", "staff",
    )  # fmt: skip


def test_a_person_who_reads_their_own_data_leaves_no_event():
    specimen = make_specimen(name="Анна")
    before = Event.objects.count()
    with processing("rights", actor=person(specimen.subject_id)):
        assert Specimen.objects.get(pk=specimen.pk).name == "Анна"

    assert Event.objects.count() == before


def test_writes_are_logged_by_the_database_with_the_categories_that_changed():
    specimen = make_specimen(name="Анна", email="anna@example.org")
    with processing("rights", actor=staff()):
        specimen.name = "Яна"
        specimen.email = None
        specimen.number = 7
        specimen.save()
        specimen.delete()

    assert events(subject=specimen.subject_id) == [
        ("record", "", ("email", "name")),
        ("clarify", "", ("name",)),
        ("delete", "", ("email",)),
        ("delete", "", ("name",)),
    ]


def test_a_write_that_changes_nothing_personal_is_no_event():
    specimen = make_specimen(name="Анна")
    with processing("rights", actor=staff()):
        specimen.number = 8
        specimen.save()

    assert events(subject=specimen.subject_id) == [("record", "", ("name",))]


def test_a_change_of_many_rows_is_an_event_for_each_by_what_became_of_it():
    made = [make_specimen(name="Анна", story="text"), make_specimen(name="Яна"), make_specimen(story="text")]
    with processing("rights", actor=staff()):
        Specimen.objects.update(name=None, number=5)

    assert sorted(Event.objects.filter(operation="delete").values_list("subject", "categories")) == sorted(
        (specimen.subject_id, ["name"]) for specimen in made[:2]
    )
    assert not Event.objects.filter(operation="clarify").exists()


def test_database_refuses_a_change_of_many_when_one_of_them_is_blocked():
    made = [make_specimen(name="Анна", number=n) for n in range(3)]
    made[1].subject.block(at=LONG_AGO)
    with pytest.raises(Blocked), processing("account", actor=staff()):
        Specimen.objects.update(number=9)

    assert set(Specimen.objects.values_list("number", flat=True)) == {0, 1, 2}


def test_deleting_for_retention_is_destruction():
    specimen = make_specimen(name="Анна")
    with processing("retention", actor=Actor.system("destroy_due")):
        Specimen.objects.filter(pk=specimen.pk).delete()

    assert events(subject=specimen.subject_id)[-1] == ("destroy", "", ("name",))


def test_destruction_of_many_rows_is_one_event_a_person_with_all_categories():
    subject = make_subject()
    for name in ("Анна", None, "Вера"):
        make_specimen(name=name, subject=subject)
    other = make_specimen(name="Пётр")
    with processing("retention", actor=Actor.system("destroy_due")):
        Specimen.objects.all().delete()

    for subject_id in (subject.pk, other.subject_id):
        assert [event for event in events(subject=subject_id) if event[0] == "destroy"] == [("destroy", "", ("name",))]


def test_unknown_purpose_is_refused():
    with pytest.raises(UnknownPurpose), processing("curiosity", actor=staff()):
        pass


def test_a_category_that_the_purpose_does_not_cover_stays_closed_and_the_attempt_is_logged():
    specimen = make_specimen(story="text")
    with pytest.raises(NotCovered), processing("account", actor=staff()):
        _ = Specimen.objects.get(pk=specimen.pk).story

    assert events(subject=specimen.subject_id)[-1] == ("extract", "refused_not_covered", ("request",))


def test_a_purpose_without_the_persons_consent_opens_nothing():
    subject = make_subject()
    specimen = make_specimen(subject=subject, email="anna@example.org")
    with pytest.raises(NoConsent), processing("ads", actor=Actor.system("mailing")):
        _ = Specimen.objects.get(pk=specimen.pk).email

    subject.open_purpose("ads")
    with processing("ads", actor=Actor.system("mailing")):
        assert Specimen.objects.get(pk=specimen.pk).email == "anna@example.org"

    subject.close_purpose("ads")
    with pytest.raises(NoConsent), processing("ads", actor=Actor.system("mailing")):
        _ = Specimen.objects.get(pk=specimen.pk).email


def test_withdrawal_inside_an_open_scope_closes_at_once():
    subject = make_subject()
    specimen = make_specimen(subject=subject, email="anna@example.org", name="Анна")
    subject.open_purpose("ads")
    with pytest.raises(NoConsent), processing("ads", actor=Actor.system("mailing")):
        read = Specimen.objects.get(pk=specimen.pk)
        assert read.name == "Анна"
        subject.close_purpose("ads")
        _ = read.email


def test_a_blocked_subject_opens_only_for_purposes_that_work_on_blocked_data():
    subject = make_subject()
    specimen = make_specimen(subject=subject, name="Анна")
    assert subject.block(at=LONG_AGO)
    assert not subject.block(at=LONG_AGO)

    with pytest.raises(Blocked), processing("account", actor=staff()):
        _ = Specimen.objects.get(pk=specimen.pk).name
    with processing("rights", actor=staff()):
        assert Specimen.objects.get(pk=specimen.pk).name == "Анна"


def test_database_refuses_a_change_of_a_blocked_subject_even_without_opening_anything():
    subject = make_subject()
    specimen = make_specimen(subject=subject, name="Анна")
    subject.block(at=LONG_AGO)

    with pytest.raises(Blocked, match="blocked"), processing("account", actor=staff()):
        Specimen.objects.filter(pk=specimen.pk).update(number=3)


def test_a_destroyed_subject_opens_for_nobody():
    subject = make_subject()
    specimen = make_specimen(subject=subject, name="Анна")
    Subject.objects.filter(pk=subject.pk).update(wrapped_key=None, destroyed_at=LONG_AGO)

    with pytest.raises(Destroyed), processing("rights", actor=staff()):
        _ = Specimen.objects.get(pk=specimen.pk).name
    with pytest.raises(Destroyed), processing("rights", actor=staff()):
        specimen.name = "Яна"
        specimen.save()


def test_database_refuses_an_undeclared_write():
    make_specimen(name="Анна")
    statements = (
        "UPDATE specimens_specimen SET name = NULL",
        "DELETE FROM specimens_specimen",
        (
            "INSERT INTO specimens_specimen (id, subject_id, note, number) "
            "SELECT gen_random_uuid(), subject_id, '', 0 FROM specimens_specimen"
        ),
    )
    for statement in statements:
        with pytest.raises(ProgrammingError, match="undeclared"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_inner_scope_gives_the_declaration_back_to_the_outer_one():
    subject = make_subject()
    with processing("rights", actor=staff()):
        first = Specimen.objects.create(subject=subject, name="Анна")
        with processing("account", actor=Actor.system("inner")):
            Specimen.objects.create(subject=subject, name="Яна")
        first.name = "Анна-Мария"
        first.save()

    found = Event.objects.filter(subject=subject.id).order_by("id")
    assert [(e.purpose, e.actor_kind) for e in found] == [
        ("rights", "staff"),
        ("account", "system"),
        ("rights", "staff"),
    ]
    assert len({event.context for event in found}) == 1


def test_what_an_inner_scope_opened_is_logged_though_it_failed():
    specimen = make_specimen(name="Анна")
    inner = processing("rights", actor=Actor.system("inner"))
    with processing("rights", actor=staff()), pytest.raises(ZeroDivisionError), inner:
        _ = Specimen.objects.get(pk=specimen.pk).name
        _ = 1 / 0

    assert events(actor_id="inner") == [("extract", "", ("name",))]


def test_a_fact_is_recorded_last_in_the_act():
    subject = make_subject()
    with processing("rights", actor=staff()) as act:
        act.record("consent_withdrawn", subject=subject.id, reason="ads")

    event = Event.objects.get(fact="consent_withdrawn")
    assert (event.subject, event.reason, event.operation) == (subject.id, "ads", "")


@pytest.mark.django_db(transaction=True)
def test_what_was_opened_and_what_was_refused_is_logged_though_the_act_fails():
    specimen = make_specimen(name="Анна", story="text")
    with pytest.raises(ZeroDivisionError), processing("rights", actor=staff()):
        read = Specimen.objects.get(pk=specimen.pk)
        _ = read.name
        read.name = "Яна"
        read.save()
        _ = 1 / 0
    with pytest.raises(NotCovered), processing("account", actor=staff()):
        _ = Specimen.objects.get(pk=specimen.pk).story

    assert events(subject=specimen.subject_id) == [
        ("record", "", ("name", "request")),
        ("extract", "", ("name",)),
        ("extract", "refused_not_covered", ("request",)),
    ]


@pytest.mark.django_db(transaction=True)
def test_if_the_log_refuses_the_act_does_not_happen(as_superuser):
    specimen = make_specimen(name="Анна")
    as_superuser.execute(
        "ALTER TABLE processing_log_event ADD CONSTRAINT full_up CHECK (actor_id <> 'unlucky') NOT VALID"
    )
    try:
        with pytest.raises(Exception, match="full_up"), processing("rights", actor=Actor.system("unlucky")):
            specimen.number = 9
            specimen.born_on = date(1990, 5, 1)
            specimen.save()
    finally:
        as_superuser.execute("ALTER TABLE processing_log_event DROP CONSTRAINT full_up")

    specimen.refresh_from_db()
    assert specimen.number == 0


@pytest.mark.django_db(transaction=True)
def test_the_outermost_scope_refuses_to_run_inside_a_transaction():
    with pytest.raises(RuntimeError), transaction.atomic(), processing("rights", actor=staff()):
        pass
