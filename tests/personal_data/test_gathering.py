"""Everything about one person by one statement: what any other way of reading finds, and logged like any other."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from personal_data import data_map
from personal_data.data_map import Holding
from personal_data.errors import Blocked, NotCovered, Undeclared
from personal_data.gathering import facts_of, gather
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.models import Event
from tests.factories.personal_data import make_specimen, make_subject, person, staff
from tests.factories.retention import make_full_person
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db


def test_gathering_finds_every_row_and_value_that_the_data_map_leads_to():
    subject_id = make_full_person()

    with processing("rights", actor=staff()):
        gathered = gather(subject_id)
        found = {holding.model: {row.pk: _values(row, holding) for row in rows} for holding, rows in gathered.rows}
        expected = {
            holding.model: {row.pk: _values(row, holding) for row in holding.rows_of(subject_id)}
            for holding in data_map.holdings()
            if not holding.model._meta.proxy and holding.rows_of(subject_id).exists()
        }

    assert found == expected
    assert len(found) > 20


def _values(row: Any, holding: Holding) -> dict[str, Any]:
    values = {field.name: getattr(row, field.attname) for field in holding.fields}
    values = {name: value.read() if hasattr(value, "read") else value for name, value in values.items()}
    return values | {field.name: getattr(row, field.attname) for field in facts_of(holding.model)}


def test_everything_comes_by_one_statement():
    specimen = make_specimen(name="Мария", story="Рассказ")
    make_specimen(subject=specimen.subject, name="Мария", scan=ContentFile(b"scan", name="scan.txt"))

    with (
        processing("rights", actor=staff()),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        gathered = gather(specimen.subject_id)
        names = [row.name for _, rows in gathered.rows for row in rows]

    assert names == ["Мария", "Мария"]
    assert len(asked) == 1


def test_what_is_written_after_it_is_declared():
    specimen = make_specimen(name="Мария")

    with processing("rights", actor=staff(), reason="answer 2026-000001"):
        ((_, (row,)),) = gather(specimen.subject_id).rows
        row.name = "Анна"
        row.save()

    assert Event.objects.get(operation="clarify").reason == "answer 2026-000001"


def test_what_is_opened_of_it_is_logged_and_what_is_not_stays_closed():
    specimen = make_specimen(name="Мария", story="Рассказ")

    with processing("rights", actor=staff(), reason="answer 2026-000001"):
        ((_, (row,)),) = gather(specimen.subject_id).rows
        assert row.name == "Мария"

    event = Event.objects.filter(operation="extract").get()
    assert (event.subject, event.categories, event.reason) == (specimen.subject_id, ["name"], "answer 2026-000001")
    with pytest.raises(Undeclared):
        _ = row.name


def test_own_pages_leave_no_event():
    specimen = make_specimen(name="Мария")

    with processing("rights", actor=person(specimen.subject_id)):
        ((_, (row,)),) = gather(specimen.subject_id).rows
        assert row.name == "Мария"

    assert not Event.objects.filter(operation="extract").exists()


def test_the_purpose_and_the_state_of_the_person_decide_as_everywhere():
    specimen = make_specimen(name="Мария", story="Рассказ")
    specimen.subject.block(at=specimen.subject.created_at)

    with processing("account", actor=staff()), pytest.raises(Blocked):
        ((_, (row,)),) = gather(specimen.subject_id).rows
        _ = row.name
    with processing("security", actor=staff()), pytest.raises(NotCovered):
        ((_, (row,)),) = gather(specimen.subject_id).rows
        _ = row.story


def test_events_come_newest_first_with_the_person_alone():
    specimen, other = make_specimen(name="Мария"), make_specimen(name="Ольга")

    with processing("rights", actor=staff()) as act:
        act.record("request_filed", subject=specimen.subject_id)
        act.record("request_filed", subject=other.subject_id)
    with processing("rights", actor=staff()):
        gathered = gather(specimen.subject_id)

    assert [(event.fact or event.operation) for event in gathered.events] == ["request_filed", "record"]
    assert [event.at for event in gathered.events] == list(
        Event.objects.filter(subject=specimen.subject_id).order_by("-at", "-id").values_list("at", flat=True)
    )
    assert [(moment[10], moment[-6:]) for moment in gathered.moments] == [("T", "+00:00")] * 2


def test_a_person_of_whom_nothing_is_held_and_one_who_never_was():
    subject = make_subject()

    with processing("rights", actor=staff()):
        gathered = gather(subject.pk)
        with pytest.raises(Subject.DoesNotExist):
            gather(uuid4())

    assert (gathered.rows, gathered.events) == ([], [])
    assert (gathered.subject.pk, gathered.subject.kind, gathered.subject.created_at) == (
        subject.pk,
        subject.kind,
        subject.created_at,
    )
    assert Specimen.objects.count() == 0
