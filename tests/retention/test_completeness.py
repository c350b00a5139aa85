"""Every table of the data map is reached: the person of these tests has something in each."""

import pytest

from personal_data import data_map
from retention import checks, erasure
from tests.factories.retention import make_full_person


@pytest.mark.django_db
def test_person_of_the_tests_has_something_in_every_table() -> None:
    subject_id = make_full_person()

    empty = [h.model._meta.label for h in data_map.holdings() if not h.rows_of(subject_id).exists()]

    assert empty == ["retention.Clock"], "enter the new table in tests/factories/retention.py"


def test_each_table_is_deleted_once() -> None:
    labels = [table.label for table in erasure.tables()]

    assert len(labels) == len(set(labels))


def test_rows_go_before_those_they_point_at() -> None:
    order = {table.label: place for place, table in enumerate(erasure.tables())}
    models = {holding.model._meta.label: holding.model for holding in data_map.holdings()}
    pairs = [
        (label, field.related_model._meta.label)
        for label in order
        for field in models[label]._meta.concrete_fields
        if field.related_model and field.related_model._meta.label in order
    ]

    assert pairs
    assert [pair for pair in pairs if order[pair[0]] >= order[pair[1]]] == []


def test_nothing_in_this_portal_makes_destruction_impossible() -> None:
    assert checks.kept_rows_stand_on_the_subject(None) == []
    assert checks.rows_of_the_living_name_their_subject(None) == []
    assert checks.witnesses_can_be_forgotten(None) == []
