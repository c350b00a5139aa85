import csv
import io
import json
from datetime import timedelta
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest

from processing_log.models import Event
from retention import acts
from retention.destruction import destroy_due
from retention.models import Run
from tests.factories.retention import DUE, JOB, make_clock, make_full_person

pytestmark = pytest.mark.django_db
LAW = ("Акт об уничтожении", "LOYAL CLUB", "Портал пользователей", "Способ", "Носитель", "Причина", "подпись")


@pytest.fixture
def run() -> Run:
    for name in ("Мария", "#import Пётр"):
        make_clock(subject_id=make_full_person(name=name))
    destroy_due(DUE)
    return Run.objects.get()


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def test_act_on_paper_says_what_the_order_asks_for_and_names_nobody(run: Run) -> None:
    words = words_of(acts.as_pdf(run, DUE + timedelta(microseconds=7)))

    assert [word for word in LAW if word.lower() not in words.lower()] == []
    for record in run.destructions.all():
        assert str(record.subject)[:8] in words
    assert "Мария" not in words


def test_act_as_data_agrees_with_the_records_and_brings_the_log(run: Run) -> None:
    told = json.loads(acts.as_json(run, DUE))

    records = {str(record.subject): record for record in run.destructions.all()}
    assert {row["subject"] for row in told["subjects"]} == set(records) == {row["subject"] for row in told["log"]}
    for row in told["log"]:
        assert set(row) == set(acts.EXTRACT)
        assert all(row.values())
        assert row["categories"] == records[row["subject"]].categories


def test_extract_of_the_log_has_the_five_facts_of_the_order(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(acts.as_csv(run, DUE).decode())))

    assert len(rows) == 2
    assert all(all(row[fact] for fact in acts.EXTRACT) for row in rows)


@pytest.mark.parametrize("form", acts.FORMS)
def test_taking_an_act_is_an_event(run: Run, form: str) -> None:
    response: Any = acts.answer(run, form, actor=JOB, at=DUE)

    assert response["Content-Type"] == acts.FORMS[form]
    assert Event.objects.filter(fact="destruction_act_taken", reason=f"act-{run.pk}").count() == 1
