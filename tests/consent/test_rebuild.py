import json
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import translation

from consent import rebuilding
from personal_data.models import Subject
from processing_log.actors import Actor
from processing_log.models import Event
from tests.factories.consent import GIVEN_AT, make_consent, make_withdrawal
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.usefixtures("published")


@pytest.fixture
def people() -> list[Subject]:
    """One agrees, one has withdrawn, one never said anything; of the first two the row says the contrary."""
    agrees, withdrew, silent = sorted((make_subject() for _ in range(3)), key=lambda subject: subject.pk)
    make_consent(subject_id=agrees.pk, purpose="surveys")
    make_consent(subject_id=withdrew.pk, purpose="surveys")
    make_withdrawal(subject_id=withdrew.pk, purpose="surveys")
    Subject.objects.filter(pk=agrees.pk).update(open_purposes=["ads"])
    Subject.objects.filter(pk=withdrew.pk).update(open_purposes=["surveys"])
    return [agrees, withdrew, silent]


def run(*arguments: str) -> tuple[int, str]:
    output = StringIO()
    try:
        with translation.override("en"):
            call_command("rebuild_consents", *arguments, stdout=output)
    except SystemExit as stopped:
        return int(stopped.code or 0), output.getvalue()
    return 0, output.getvalue()


def held(people: list[Subject]) -> list[list[str]]:
    return [Subject.objects.get(pk=one.pk).open_purposes for one in people]


def test_rebuild_consents_mends_and_says_where(people):
    status, said = run()

    assert status == 0
    assert said.splitlines() == [
        "People looked at: 3, differences: 2",
        f"  {people[0].pk} +surveys -ads",
        f"  {people[1].pk} -surveys",
    ]
    assert held(people) == [["surveys"], [], []]
    assert Event.objects.filter(fact="consents_rebuilt", actor_id="rebuild_consents").count() == 2
    assert run()[1] == "People looked at: 3, differences: 0\n"


def test_rebuild_consents_dry_run_changes_nothing_and_answers_one(people):
    status, report = run("--dry-run", "--json")

    assert status == 1
    assert [one["subject"] for one in json.loads(report)["differences"]] == [str(one.pk) for one in people[:2]]
    assert held(people) == [["ads"], ["surveys"], []]


def test_rebuild_consents_goes_on_where_it_was_stopped(people):
    batches = rebuilding.rebuild(actor=Actor.system("test"), batch_size=1)
    first = next(batches)
    batches.close()
    assert (first.last, held(people)) == (people[0].pk, [["surveys"], ["surveys"], []])

    report = json.loads(run("--json", "--after", str(first.last))[1])

    assert (report["people"], UUID(report["last"])) == (2, people[2].pk)
    assert held(people) == [["surveys"], [], []]


def test_rebuild_consents_leaves_who_is_destroyed_closed(people):
    Subject.objects.filter(pk=people[0].pk).update(wrapped_key=None, destroyed_at=GIVEN_AT, open_purposes=[])

    assert run("--json")[0] == 0
    assert held(people)[0] == []
