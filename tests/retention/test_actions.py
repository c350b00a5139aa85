"""What a rule does besides destroying: anonymise by a named method, and block what cannot be destroyed yet."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from personal_data import data_map
from personal_data.models import Subject
from processing_log.models import Event
from profiles.loader import running_by
from profiles.rule_checks import findings_in_rule
from retention import acts, erasure, monitor, selectors
from retention.destruction import destroy_due
from retention.models import AnonymousCount, Clock, Destruction, Run
from retention.services import cancel_clock
from tests.factories.personal_data import make_subject
from tests.factories.retention import DUE, ENDED, JOB, LATE, make_clock, make_full_person, make_modest_person
from tests.factories.rules import make_rule, profile_with

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MOSCOW = ZoneInfo("Europe/Moscow")
HALF_A_YEAR = datetime(2027, 5, 20, tzinfo=MOSCOW)
ANONYMISE: Any = {"action": "anonymise", "method": "composition"}
BLOCK: Any = {"action": "block", "obstacle": "storage", "destroy_months": 6}


# --- anonymising ------------------------------------------------------------------------------------------------------


def test_anonymised_person_leaves_a_count_and_nothing_that_leads_to_them() -> None:
    with running_by(profile_with(make_rule(**ANONYMISE))):
        subject_id = make_clock(subject_id=make_full_person()).subject_id
        assert destroy_due(DUE - SECOND).destroyed == 0
        assert destroy_due(DUE).destroyed == 1

    assert Subject.objects.get(pk=subject_id).wrapped_key is None
    left = [h.model._meta.label for h in data_map.holdings() if not h.is_kept and h.rows_of(subject_id).exists()]
    assert left == []
    count = AnonymousCount.objects.get()
    assert (count.method, count.rule, count.subject_kind) == ("composition", "subscription_ended", "user")
    assert (count.left_in, count.people) == (date(2026, 10, 1), 1)
    assert count.arrived_in is not None
    assert (count.arrived_in.month % 3, count.arrived_in.day) == (1, 1)


def test_anonymising_is_recorded_with_its_method_and_logged_as_depersonalisation() -> None:
    with running_by(profile_with(make_rule(**ANONYMISE))):
        subject_id = make_clock(subject_id=make_modest_person()).subject_id
        destroy_due(DUE)
        paper = acts.as_json(Run.objects.get(), LATE).decode()

    assert Destruction.objects.get(subject=subject_id).method == "composition"
    facts = set(Event.objects.filter(subject=subject_id).values_list("fact", "operation"))
    assert {("subject_destroyed", "destroy"), ("subject_anonymised", "depersonalise")} <= facts
    assert '"composition"' in paper


def test_people_who_have_the_same_in_common_are_one_row() -> None:
    with running_by(profile_with(make_rule(action="anonymise", method="aggregation"))):
        for _ in range(3):
            make_clock(subject_id=make_modest_person())
        destroy_due(DUE, batch_size=2)

    (count,) = AnonymousCount.objects.all()
    assert (count.people, count.arrived_in, count.left_in) == (3, None, date(2026, 1, 1))


def test_batch_that_fails_counts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise erasure.LeftBehind("somewhere")

    with running_by(profile_with(make_rule(**ANONYMISE))):
        make_clock(subject_id=make_modest_person())
        monkeypatch.setattr(erasure, "ensure_nothing_left", fails)
        assert destroy_due(DUE).failed == 1

    assert AnonymousCount.objects.count() == 0


def test_columns_of_the_counts_name_nobody() -> None:
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "retention_anonymouscount")

    assert {column.name for column in columns} == {
        "id", "method", "rule", "subject_kind", "arrived_in", "left_in", "people",
    }  # fmt: skip


def test_database_refuses_a_clock_that_anonymises_by_no_method() -> None:
    clock = {"started_at": ENDED, "due_at": DUE, "late_at": LATE, "receipt_digest": b"", "subject": make_subject()}

    with pytest.raises(IntegrityError, match="clock_anonymises_by_a_named_method"), transaction.atomic():
        Clock.objects.create(trigger="t", rule="r", action="anonymise", **clock)


# --- blocking ---------------------------------------------------------------------------------------------------------


def test_rule_that_blocks_blocks_on_the_day_and_destroys_at_its_end() -> None:
    with running_by(profile_with(make_rule(**BLOCK))):
        subject_id = make_clock(subject_id=make_full_person()).subject_id

        def blocked() -> bool:
            return Subject.objects.get(pk=subject_id).blocked_at is not None

        assert (destroy_due(DUE - SECOND).blocked, blocked()) == (0, False)
        assert (destroy_due(DUE).blocked, blocked()) == (1, True)
        assert destroy_due(DUE + A_DAY).blocked == 0
        assert destroy_due(HALF_A_YEAR - SECOND).destroyed == 0
        assert destroy_due(HALF_A_YEAR).destroyed == 1

    record = Destruction.objects.get(subject=subject_id)
    assert (record.due_at, record.was_late) == (HALF_A_YEAR, False)
    event = Event.objects.get(fact="blocked_by_rule")
    assert (event.subject, event.operation) == (subject_id, "block")


def test_who_should_be_blocked_and_is_not_is_overdue() -> None:
    with running_by(profile_with(make_rule(**BLOCK))):
        make_clock(subject_id=make_modest_person())

    assert [monitor.lateness(at).overdue for at in (DUE, LATE - SECOND, LATE)] == [0, 0, 1]
    destroy_due(LATE)
    assert monitor.lateness(LATE + A_DAY).overdue == 0


def test_term_says_when_the_data_is_blocked_and_why() -> None:
    with running_by(profile_with(make_rule(**BLOCK))):
        clock = make_clock(subject_id=make_modest_person())
        (due,) = selectors.due_dates(clock.subject_id)

    assert (due.block_on, due.destroy_on) == (date(2026, 12, 20), date(2027, 5, 20))


def test_cancelled_clock_blocks_nobody() -> None:
    with running_by(profile_with(make_rule(**BLOCK))):
        clock = make_clock(subject_id=make_modest_person())
        cancel_clock(subject_id=clock.subject_id, trigger=clock.trigger, actor=JOB, at=ENDED + A_DAY)

        assert destroy_due(LATE).blocked == 0


# --- what the loader refuses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "key", "words"),
    [
        ({"action": "anonymise"}, "method", "named method"),
        ({"method": "aggregation"}, "method", "is for rules that anonymise"),
        ({**ANONYMISE, "law_rule": "D13"}, "action", "D13 demands destruction"),
        ({**ANONYMISE, "subject_kinds": []}, "action", "about people"),
        ({**BLOCK, "obstacle": ""}, "obstacle", "article 21, part 6"),
        ({**BLOCK, "destroy_months": 7}, "destroy_months", "1 to 6"),
        ({**BLOCK, "destroy_months": 1}, "destroy_months", "before the blocking"),
        ({**BLOCK, "law_rule": "D05"}, "action", "does not reach D05"),
        ({**BLOCK, "subject_kinds": []}, "action", "only people"),
        ({"obstacle": "fault"}, "obstacle", "is for rules that block"),
        ({"purposes": ["nothing"]}, "purposes", "is not a declared purpose"),
        ({"purposes": ["ads"]}, "purposes", "rests on consent"),
        ({"purposes": ["account"], "trigger": "unlawful_found"}, "purposes", "nothing is kept"),
        ({"purposes": ["account"], **ANONYMISE}, "purposes", "is destroyed"),
    ],
)
def test_rule_that_cannot_be_carried_out_is_refused_with_key_and_reason(values: Any, key: str, words: str) -> None:
    rule = make_rule(**values)

    found = [reason for where, reason in findings_in_rule(profile_with(rule), rule) if where == key]

    assert [words in reason for reason in found] == [True]


@pytest.mark.parametrize("values", [{}, ANONYMISE, BLOCK, {"purposes": ["account"]}])
def test_rule_that_can_be_carried_out_is_accepted(values: Any) -> None:
    rule = make_rule(**values)

    assert list(findings_in_rule(profile_with(rule), rule)) == []
