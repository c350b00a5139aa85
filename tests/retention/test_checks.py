from typing import Any

import pytest
from django.db import models

from accounts.models import Session
from personal_data import data_map
from personal_data.data_map import Holding
from personal_data.models import Subject
from retention import checks, erasure


def ids(messages: Any) -> Any:
    return [message.id for message in messages]


def test_check_finds_kept_rows_that_lean_on_rows_that_go(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Holding(model=Subject, path="user__subject_id", depth=2, fields=(), is_kept=True)
    monkeypatch.setattr(data_map, "holdings", lambda: (kept,))

    assert ids(checks.kept_rows_stand_on_the_subject(None)) == ["retention.E002"]


def test_check_finds_kept_rows_without_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Holding(model=Session, path="subject_id", depth=1, fields=(), is_kept=True)
    monkeypatch.setattr(data_map, "holdings", lambda: (kept,))

    assert ids(checks.kept_rows_stand_on_the_subject(None)) == ["retention.E004"]


@pytest.mark.parametrize(
    ("null", "on_delete", "found"),
    [
        (True, models.SET_NULL, []),
        (False, models.PROTECT, ["retention.E005"]),
        (True, models.PROTECT, ["retention.E005"]),
    ],
)
def test_check_finds_a_witness_who_could_not_be_forgotten(
    monkeypatch: pytest.MonkeyPatch, null: Any, on_delete: Any, found: Any
) -> None:
    key = models.ForeignKey(Subject, on_delete=on_delete, null=null)
    monkeypatch.setattr(erasure, "witness_keys", lambda: ((Subject, key, None),))

    assert ids(checks.witnesses_can_be_forgotten(None)) == found
