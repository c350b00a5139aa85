"""The answer of article 14, part 7: every item, from profile and rows, in two languages, without other people."""

import json

import pytest
from django.utils import translation

from consent.models import PaperScan
from personal_data.scope import processing
from profiles import current
from subject_requests.answers.archive import as_json
from subject_requests.answers.document import Asked, make_document
from subject_requests.answers.redaction import GAP, without_others
from subject_requests.answers.telling import sections
from subject_requests.kinds import State
from subject_requests.services import note
from tests.factories.accounts import make_user
from tests.factories.answers import ASKED
from tests.factories.billing import make_subscription
from tests.factories.consent import make_consent, publish
from tests.factories.papers import by_guardian, make_paper
from tests.factories.personal_data import make_subject, person, staff
from tests.factories.retention import make_clock, make_full_person
from tests.factories.subject_requests import CLERK, make_request

pytestmark = pytest.mark.django_db

ITEMS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "9.1", "10", "", ""]


def document_of(subject_id, *, language="ru", asked=None):
    with translation.override(language), processing("rights", actor=person(subject_id)):
        return make_document(subject_id, at=ASKED, asked=asked).document


def text_of(document, item):
    with translation.override(document["language"]):
        (section,) = [section for section in sections(document) if section.item == item]
    cells = [cell for block in section.blocks for row in block.rows for cell in row]
    return "\n".join([*(b.text for b in section.blocks), *(b.title for b in section.blocks), *(c.text for c in cells)])


@pytest.mark.parametrize("language", ["ru", "en"])
def test_answer_has_every_item_of_the_law_and_says_something_under_each(language):
    publish()
    document = document_of(make_full_person(), language=language)

    with translation.override(language):
        told = sections(document)

    assert [section.item for section in told] == ITEMS
    assert all(section.blocks for section in told)
    assert document["language"] == language


def test_answer_tells_purposes_with_basis_method_and_operations_that_are_open_for_this_person():
    subject_id = make_user().subject_id
    publish()
    before = document_of(subject_id)
    make_consent(subject_id=subject_id, purpose="surveys")
    document = document_of(subject_id)

    assert {each["code"] for each in document["purposes"]} - {each["code"] for each in before["purposes"]} == {
        "surveys"
    }
    account = next(each for each in document["purposes"] if each["code"] == "account")
    assert (account["basis"], account["method"]) == ("6.1.5", "автоматизированно")
    assert account["operations"][:2] == ["сбор", "запись"]
    assert account["article"] in text_of(document, "2")
    assert "автоматизированно" in text_of(document, "3")


def test_answer_holds_every_value_with_its_source():
    user = make_user(address="anna@example.org", first_name="Анна")
    document = document_of(user.subject_id)

    by_code = {category["code"]: category for category in document["data"]}
    assert [value["value"] for value in by_code["email"]["values"]] == ["anna@example.org"]
    assert [value["value"] for value in by_code["name"]["values"]] == ["Анна"]
    assert by_code["email"]["source"] == current().categories["email"].source.ru
    assert {"anna@example.org", "Анна", by_code["email"]["source"]} <= set(text_of(document, "5").split("\n"))


def test_answer_names_the_day_of_a_term_that_runs_and_of_a_subscription_that_ends():
    running, subscribed = make_clock().subject_id, make_user().subject_id
    make_subscription(subject_id=subscribed)

    assert "20 декабря 2026" in text_of(document_of(running), "6")
    assert document_of(running)["terms"]["categories"][0]["rules"][0]["on"] == "2026-12-20"
    assert "20 декабря 2026" in text_of(document_of(subscribed), "6")
    assert document_of(subscribed)["terms"]["ends"]["ends_on"] == "2026-11-20"


def test_answer_quotes_the_clauses_of_the_policy_about_measures():
    publish()
    document = document_of(make_user().subject_id)

    assert [measure["clause"] for measure in document["duties"]["measures"]] == ["5.7", "5.8", "5.9", "5.10"]
    assert "назначение лица, ответственного за организацию обработки" in text_of(document, "9.1")


def test_person_of_whom_nothing_is_held_is_told_so():
    document = document_of(make_subject().pk)

    assert document["confirmation"]["is_processed"] is False
    assert "не обрабатывает" in text_of(document, "1")


def test_data_of_other_people_is_mentioned_and_never_opened():
    publish()
    user = make_user()
    make_paper(subject_id=user.subject_id, **by_guardian())

    with translation.override("ru"), processing("rights", actor=staff()):
        made = make_document(user.subject_id, at=ASKED)
    told = as_json(made.document).decode()

    gaps = [value for category in made.document["data"] for value in category["values"] if "withheld" in value]
    assert [gap["withheld"] for gap in gaps] == ["another_person"] * 2
    assert PaperScan.WITHHELD.keys() == {"representative", "authority_document"}
    assert "Белова" not in told
    assert "не раскрываются" in text_of(made.document, "5")


def test_notes_of_the_staff_are_mentioned_and_not_told():
    filed = make_request(text="Что обо мне есть?", state=State.TAKEN)
    note(request_id=filed.pk, text="Сверить с договором.", actor=CLERK, at=ASKED)
    document = document_of(filed.subject_id)

    (request,) = [category for category in document["data"] if category["code"] == "request"]
    assert [value.get("withheld", "") for value in request["values"]] == ["", "internal"]
    assert "Сверить" not in as_json(document).decode()
    assert "рабочая запись сотрудников" in text_of(document, "5")


def test_text_that_staff_leave_out_is_a_gap():
    filed = make_request(text="Соседка Ирина Петрова тоже жаловалась.")
    (message,) = filed.messages.all()

    kept = document_of(filed.subject_id)
    left = document_of(filed.subject_id, asked=Asked(number="2026-1", received_at=ASKED, left_out=[message.pk]))

    assert "Ирина Петрова" in as_json(kept).decode()
    assert "Ирина Петрова" not in as_json(left).decode()


def test_others_addresses_and_numbers_have_gaps_in_texts():
    text = "Писали petr@example.org и anna@example.org, звонили +7 (900) 123-45-67, дом 12, обращение 2026-000123."

    assert without_others(text, ["anna@example.org", "8 900 123 45 67"]) == text.replace("petr@example.org", GAP)
    assert without_others(text, []).count(GAP) == 3
    assert "2026-000123" in without_others(text, [])


def test_json_is_what_a_machine_reads():
    document = document_of(make_full_person())

    read = json.loads(as_json(document))

    assert read["format"] == "operator-portal/answer/1"
    assert all(0 <= place < len(read["log"]["said"]) for _at, place in read["log"]["events"])
    assert {value["record"] for category in read["data"] for value in category["values"]} < set(
        range(len(read["records"]))
    )


def test_everything_is_told_in_russian():
    """Names of tables and columns too: most models name only what staff see of them."""
    publish()
    document = document_of(make_full_person())
    words = [(record["what"], name) for record in document["records"] for name, _value in record["facts"]]

    foreign = {each for pair in words for each in pair if not any("а" <= letter <= "я" for letter in each.lower())}

    assert foreign <= {"specimen", "number", "note"}  # of the room that only tests have
