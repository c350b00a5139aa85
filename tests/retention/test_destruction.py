from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Profile
from billing.models import Subscription
from personal_data.errors import Destroyed
from personal_data.models import KeyEpoch, Subject
from personal_data.scope import processing
from processing_log.models import Event
from retention import erasure, ledger, records, remainders
from retention.destruction import destroy_due
from retention.erasure import LeftBehind
from retention.models import Clock, Destruction, FileDebt, LedgerDebt, Run
from tests.factories.personal_data import person
from tests.factories.retention import (
    DUE,
    ENDED,
    JOB,
    LATE,
    make_clock,
    make_full_person,
    make_modest_person,
    rows_of,
)
from tests.specimens.models import Specimen

SECOND = timedelta(seconds=1)
KEPT = {
    "consent.Acknowledgement",
    "consent.Awaited",
    "consent.AwaitedStep",
    "consent.DisseminationChoice",
    "consent.LedgerEntry",
    "consent.PaperConsent",
    "consent.Receipt",
    "consent.Served",
    "consent.Term",
    "retention.Hold",
    "subject_requests.RecipientNotice",
    "subject_requests.Request",
    "subject_requests.RequestClock",
    "subject_requests.RequestStep",
    "subject_requests.AnswerSet",
    "subject_requests.ContestedPart",
    "subject_requests.DroppedKind",
    "subject_requests.FromSystem",
}


def full_person_due(**clock: Any) -> Any:
    subject_id = make_full_person()
    make_clock(subject_id=subject_id, **clock)
    return subject_id


# --- when -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_destroy_due_does_nothing_a_second_before_the_day() -> None:
    subject_id = full_person_due()
    before = rows_of(subject_id)

    outcome = destroy_due(DUE - SECOND)

    assert (outcome.found, outcome.destroyed) == (0, 0)
    assert rows_of(subject_id) == before
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_destroy_due_destroys_from_the_first_second_of_the_day() -> None:
    subject_id = full_person_due()

    outcome = destroy_due(DUE + SECOND)

    assert (outcome.found, outcome.destroyed, outcome.failed) == (1, 1, 0)
    assert set(rows_of(subject_id)) == KEPT
    assert not Destruction.objects.get().was_late


@pytest.mark.django_db
def test_destroy_due_catches_up_after_the_portal_stood_still_and_says_it_is_late() -> None:
    full_person_due()

    destroy_due(LATE + timedelta(days=3))

    assert Destruction.objects.get().was_late


@pytest.mark.django_db
def test_cancelled_clock_destroys_nobody() -> None:
    clock = make_clock(subject_id=make_full_person(), cancelled_at=ENDED + SECOND)

    assert destroy_due(LATE).found == 0
    assert Subject.objects.get(pk=clock.subject_id).destroyed_at is None


# --- what -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_destroyed_person_has_neither_rows_nor_key_nor_files_nor_clocks(own_ledger: Path) -> None:
    subject_id = full_person_due()
    scans = [path for path in (own_ledger / "files").rglob("*") if path.is_file()]
    assert len(scans) == 5

    destroy_due(DUE)

    subject = Subject.objects.get(pk=subject_id)
    assert (subject.wrapped_key, subject.open_purposes) == (None, [])
    assert subject.destroyed_at
    assert subject.destroyed_at >= DUE
    assert set(rows_of(subject_id)) == KEPT
    assert not [path for path in (own_ledger / "files").rglob("*") if path.is_file()]
    assert (LedgerDebt.objects.count(), FileDebt.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_destruction_leaves_everybody_else_alone() -> None:
    full_person_due()
    neighbour = make_full_person(name="Пётр")
    before = rows_of(neighbour)

    destroy_due(DUE)

    assert rows_of(neighbour) == before
    with processing("rights", actor=person(neighbour)):
        specimen = Specimen.objects.get(subject_id=neighbour)
        assert (specimen.name, specimen.scan.read().decode()) == ("Пётр", "скан для Пётр")


@pytest.mark.django_db
def test_nothing_can_be_written_about_somebody_who_is_destroyed() -> None:
    subject_id = full_person_due()
    destroy_due(DUE)

    with pytest.raises(Destroyed), processing("rights", actor=JOB):
        Specimen.objects.create(subject_id=subject_id, name="Мария")


@pytest.mark.django_db
def test_blocked_person_is_destroyed_like_any_other() -> None:
    subject_id = full_person_due(trigger="account_deleted")
    Subject.objects.get(pk=subject_id).block(at=ENDED)

    assert destroy_due(DUE).destroyed == 1
    assert set(rows_of(subject_id)) == KEPT


# --- the record, the log, the ledger ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_record_says_whose_what_where_why_and_when_and_no_more() -> None:
    subject_id = full_person_due()
    held = rows_of(subject_id)
    epoch = KeyEpoch.objects.get()

    destroy_due(DUE)

    record = Destruction.objects.get()
    assert (record.subject, record.subject_kind) == (subject_id, "user")
    assert record.number == "2026-000001"
    assert record.categories == ["correspondence", "email", "name", "request"]
    assert record.reason["en"] == "30 calendar days after the subscription ended"
    assert record.norm["ru"] == "пункт 5.2 Политики; часть 4 статьи 21 Закона о персональных данных"
    assert (record.started_at, record.due_at, record.late_at) == (ENDED, DUE, LATE)
    assert DUE <= record.destroyed_at < DUE + timedelta(minutes=1)
    assert record.counts == {label: count for label, count in held.items() if label not in KEPT}
    assert record.system
    assert record.key_epoch == epoch.number
    assert record.final_at == records.final_moment(epoch.opened_at, record.destroyed_at)


@pytest.mark.django_db
def test_categories_of_the_record_are_those_that_were_filled() -> None:
    subject_id = make_modest_person()
    make_clock(subject_id=subject_id)
    with processing("rights", actor=person(subject_id)):
        own = Profile.objects.get(subject_id=subject_id)
        own.first_name = None
        own.save()

    destroy_due(DUE)

    assert Destruction.objects.get().categories == ["email"]


@pytest.mark.django_db
def test_records_are_numbered_without_gaps_within_the_operators_year() -> None:
    for _ in range(3):
        make_clock()
    destroy_due(DUE)
    make_clock(started_at=ENDED + timedelta(days=13))  # due on 2 January

    destroy_due(DUE + timedelta(days=12, hours=-SECOND.seconds))
    destroy_due(DUE + timedelta(days=13))

    assert [r.number for r in Destruction.objects.order_by("pk")] == [
        "2026-000001",
        "2026-000002",
        "2026-000003",
        "2027-000001",
    ]


@pytest.mark.django_db
def test_reason_is_the_clock_that_was_due_first() -> None:
    subject_id = make_full_person()
    make_clock(subject_id=subject_id, trigger="subscription_ended", started_at=ENDED + SECOND)
    make_clock(subject_id=subject_id, trigger="account_deleted", started_at=ENDED - timedelta(days=2))

    outcome = destroy_due(LATE)

    assert outcome.by_rule == {"account_deleted": 1}
    assert Destruction.objects.get().trigger == "account_deleted"


@pytest.mark.django_db
def test_log_holds_the_five_facts_of_order_179() -> None:
    subject_id = full_person_due()

    destroy_due(DUE)

    event = Event.objects.get(operation="destroy")
    assert (event.fact, event.subject) == ("subject_destroyed", subject_id)
    assert event.categories == ["correspondence", "email", "name", "request"]
    assert event.system == Destruction.objects.get().system
    assert event.reason == ("subscription_ended: пункт 5.2 Политики; часть 4 статьи 21 Закона о персональных данных")
    assert (event.actor_kind, event.actor_id, event.purpose) == ("system", "destroy_due", "retention")


@pytest.mark.django_db
def test_ledger_outside_the_database_has_a_line_for_each() -> None:
    clocks = [make_clock(), make_clock()]

    destroy_due(DUE)

    assert [(line.subject, line.destroyed_at, line.key_epoch) for line in ledger.read()] == [
        (record.subject, record.destroyed_at, record.key_epoch) for record in Destruction.objects.order_by("running")
    ]
    assert {line.subject for line in ledger.read()} == {clock.subject_id for clock in clocks}


@pytest.mark.django_db
def test_what_a_killed_run_owed_is_done_by_the_next_one(own_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject_id = full_person_due()
    with monkeypatch.context() as patch:
        patch.setattr(remainders, "finish", lambda: None)
        destroy_due(DUE)
    assert (LedgerDebt.objects.count(), FileDebt.objects.count()) == (1, 5)
    assert [path.name for path in (own_ledger / "files").rglob("*") if path.is_file()]

    destroy_due(DUE)

    assert [line.subject for line in ledger.read()] == [subject_id]
    assert not [path for path in (own_ledger / "files").rglob("*") if path.is_file()]
    assert (LedgerDebt.objects.count(), FileDebt.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_ledger_survives_a_line_that_a_crash_cut_short() -> None:
    make_clock()
    ledger.path().parent.mkdir(parents=True)
    ledger.path().write_text('{"subject": "5f')

    destroy_due(DUE)

    assert len(list(ledger.read())) == 1


@pytest.mark.parametrize(("age", "final_in"), [(10, 20), (45, 30)])
def test_final_date_is_the_end_of_the_epoch_or_a_whole_one_if_it_should_have_ended(age: Any, final_in: Any) -> None:
    assert records.final_moment(DUE - timedelta(days=age), DUE) == DUE + timedelta(days=final_in)


# --- counting beforehand ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_dry_run_changes_nothing_and_counts_what_the_run_then_destroys() -> None:
    full = [full_person_due(), full_person_due(trigger="account_deleted"), full_person_due(started_at=ENDED - SECOND)]
    make_clock(subject_id=full[0], trigger="account_deleted")
    for _ in range(4):
        make_clock(subject_id=make_modest_person())
    make_full_person()
    before = {i: rows_of(i) for i in full}

    counted = destroy_due(DUE, dry_run=True, batch_size=2)

    assert {i: rows_of(i) for i in full} == before
    assert not Event.objects.filter(operation="destroy").exists()
    done = destroy_due(DUE, batch_size=3)
    assert counted == done
    assert done.destroyed == 7
    assert done.counts["accounts.User"] == 7
    assert dict(done.by_rule) == {"subscription_ended": 6, "account_deleted": 1}


@pytest.mark.django_db
def test_progress_is_told_after_each_batch() -> None:
    for _ in range(5):
        make_clock()
    told = []

    destroy_due(DUE, batch_size=2, progress=lambda done, of: told.append((done, of)))

    assert told == [(2, 5), (4, 5), (5, 5)]
    run = Run.objects.get()
    assert (run.found, run.destroyed, run.failed) == (5, 5, 0)
    assert run.finished_at is not None
    assert run.operator["inn"]


@pytest.mark.django_db
def test_number_of_queries_does_not_grow_with_people(django_assert_num_queries: Any) -> None:
    def queries(people: int) -> int:
        for _ in range(people):
            make_clock(subject_id=make_modest_person())
        with connection.execute_wrapper(count := _Counter()):
            assert destroy_due(DUE).destroyed == people
        return count.number

    assert queries(1) == queries(3)


class _Counter:
    number = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.number += 1
        return execute(sql, params, many, context)


# --- when something is in the way -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_person_who_cannot_be_destroyed_is_passed_over_and_noted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    people = sorted(make_modest_person() for _ in range(7))
    for subject_id in people:
        make_clock(subject_id=subject_id)
    stubborn = people[3]
    fault_for(monkeypatch, stubborn)

    outcome = destroy_due(DUE, batch_size=5)

    assert (outcome.found, outcome.destroyed, outcome.failed) == (7, 6, 1)
    assert Subject.objects.get(pk=stubborn).destroyed_at is None
    assert rows_of(stubborn)["accounts.Profile"] == 1
    assert Clock.objects.filter(failed_at__gte=DUE).count() == 1
    assert Run.objects.get().failed == 1
    assert [r.number for r in Destruction.objects.order_by("running")] == [f"2026-{n:06d}" for n in range(1, 7)]
    assert caplog.messages == [f"Person {stubborn} could not be destroyed: LeftBehind"]


@pytest.mark.django_db
def test_person_who_could_not_be_destroyed_is_tried_again_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    subject_id = make_modest_person()
    make_clock(subject_id=subject_id)
    with monkeypatch.context() as patch:
        fault_for(patch, subject_id)
        destroy_due(DUE)

    assert destroy_due(DUE).destroyed == 1


def fault_for(monkeypatch: pytest.MonkeyPatch, stubborn: Any) -> Any:
    check = erasure.ensure_nothing_left

    def finds_something(subject_ids: Any) -> Any:
        check(subject_ids)
        if stubborn in subject_ids:
            raise LeftBehind("a table")

    monkeypatch.setattr(erasure, "ensure_nothing_left", finds_something)


@pytest.mark.django_db
def test_row_that_the_map_does_not_reach_stops_the_destruction_of_its_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever forgets a table, the database's own foreign keys do not."""
    subject_id = full_person_due()
    without_addresses = tuple(t for t in erasure.tables() if t.label != "account.EmailAddress")
    monkeypatch.setattr(erasure, "tables", lambda: without_addresses)

    outcome = destroy_due(DUE)

    assert (outcome.destroyed, outcome.failed) == (0, 1)
    assert Subject.objects.get(pk=subject_id).wrapped_key
    assert rows_of(subject_id)["accounts.User"] == 1


@pytest.mark.django_db
def test_rows_left_in_place_stop_the_destruction_of_their_person(monkeypatch: pytest.MonkeyPatch) -> None:
    subject_id = full_person_due()
    without_profiles = tuple(t for t in erasure.tables() if t.label != "accounts.Profile")
    monkeypatch.setattr(erasure, "tables", lambda: without_profiles)

    assert destroy_due(DUE).failed == 1
    assert rows_of(subject_id)["accounts.Profile"] == 1


def test_application_destroys_with_its_own_role() -> None:
    assert "portal_app" in settings.DATABASES["default"]["USER"]
    assert Subscription.ON_DESTRUCTION == "delete"
