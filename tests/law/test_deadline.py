import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    with translation.override("en"):
        call_command("deadline", *arguments, stdout=output)
    return output.getvalue()


def test_deadline_says_the_due_date_and_the_days_it_counted():
    lines = run("D01", "2026-12-30").splitlines()

    assert lines[0] == "D01 Answer what is held about the person (152-FZ 14.3, 20.1)"
    assert "must be done by: 2027-01-22 Fri, 24:00" in lines
    assert "Days counted (10):" in lines
    assert lines[-10].split() == ["1.", "2027-01-11", "Mon"]
    assert lines[-1].split() == ["10.", "2027-01-22", "Fri"]


def test_deadline_as_json_is_for_programs():
    answer = json.loads(run("d13", "2026-11-20T23:30", "--json"))

    assert answer["due_on"] == "2026-12-21"
    assert answer["target_on"] == "2026-12-18"
    assert answer["due_at"] == "2026-12-21T23:59:59.999999+03:00"
    assert answer["counted_days"][0] == "2026-11-21"
    assert answer["provisional"] is False


def test_deadline_says_our_own_target_where_it_is_stricter():
    assert "Our own target: 2026-12-18 Fri" in run("D13", "2026-11-20").splitlines()


def test_deadline_in_hours_says_the_moment():
    assert "must be done by: 2027-01-01 22:00 MSK" in run("D10", "2026-12-31T22:00").splitlines()


def test_deadline_with_extension_counts_both_terms():
    assert "must be done by: 2027-01-29 Fri, 24:00" in run("D01", "2026-12-30", "--extended").splitlines()


def test_deadline_that_counts_an_undecreed_year_says_so():
    assert "Provisional: the calendar of a year that was counted is not decreed yet." in run("D01", "2027-12-29")


def test_deadline_with_an_open_question_says_so():
    assert "To be confirmed: The law does not say where the six months start" in run("D15", "2026-11-22")


def test_deadline_takes_another_zone_into_the_operators():
    assert json.loads(run("D01", "2026-11-22T22:00+00:00", "--json"))["received_on"] == "2026-11-23"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["D99", "2026-11-20"], "There is no rule D99. Known: D01, D02"),
        (["D01", "yesterday"], "Not a date: yesterday. Write 2026-12-30 or 2026-12-31T22:00."),
        (["D10", "2026-12-31"], "Rule D10 counts hours: give the time too"),
        (["D04", "2026-11-20", "--extended"], "The law knows no extension for rule D04."),
        (["D10", "2020-01-01T10:00"], "Rule D10 is not in force on that day."),
    ],
)
def test_deadline_refuses_bad_input_with_status_two(arguments, message):
    with pytest.raises(CommandError, match=message) as refused:
        run(*arguments)

    assert refused.value.returncode == 2
