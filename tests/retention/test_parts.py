"""What two purposes need lives until the later one ends; the rest of the person stays as it was."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from accounts.models import MailAddress, Profile, User
from law.deadlines import operator_zone
from personal_data.models import KeyEpoch, Subject
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from profiles.loader import running_by
from retention import acts, ledger, lifetimes, monitor, receipts, records, replay, replaying_parts, selectors, values
from retention.destruction import destroy_due
from retention.holds import TooLong, place_hold
from retention.models import Clock, Destruction, Ground, Obstacle, Run
from retention.services import cancel_clock, start_clock
from subject_requests.models import Attachment, Message
from tests.factories.personal_data import make_subject
from tests.factories.retention import DUE, ENDED, JOB, LATE, make_clock, make_full_person, make_modest_person
from tests.factories.rules import with_names_needed_for_longer, with_texts_for_consents_alone
from tests.factories.subject_requests import make_request
from tests.specimens.models import Specimen

pytestmark = pytest.mark.django_db

OFFICER = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))
SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)
YEAR_AFTER = datetime(2027, 11, 20, tzinfo=operator_zone())


def withdrawn(subject_id: UUID, purpose: str, at: datetime = ENDED) -> Clock | None:
    Subject.objects.get(pk=subject_id).close_purpose(purpose)
    return start_clock(subject_id=subject_id, trigger="consent_withdrawn", purpose=purpose, at=at, actor=JOB)


def agreed(subject_id: UUID, *purposes: str) -> None:
    for purpose in purposes:
        Subject.objects.get(pk=subject_id).open_purpose(purpose)


# --- a consent that covered something alone ---------------------------------------------------------------------------


def test_what_a_withdrawn_consent_covered_alone_goes_on_its_day_and_the_person_stays() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")

        assert destroy_due(DUE - SECOND).parts == 0
        assert Message.objects.filter(subject_id=subject_id).exists()
        assert destroy_due(DUE + SECOND).parts == 1

    assert not Message.objects.filter(subject_id=subject_id).exists()
    assert not Attachment.objects.filter(subject_id=subject_id).exists()
    assert Profile.objects.filter(subject_id=subject_id, first_name__isnull=False).exists()
    assert User.objects.filter(subject_id=subject_id).exists()
    assert Subject.objects.get(pk=subject_id).destroyed_at is None


@pytest.mark.parametrize(
    ("zone", "withdrawn_at", "due_at"),
    [
        ("Europe/Moscow", "2028-01-30T12:00+03:00", "2028-02-29T00:00+03:00"),  # a leap day
        ("Europe/Moscow", "2026-12-02T23:59+03:00", "2027-01-01T00:00+03:00"),  # the year's end
        ("Europe/Berlin", "2027-02-27T09:00+01:00", "2027-03-29T00:00+02:00"),  # clocks go forward on the 28th
        ("Europe/Berlin", "2027-10-02T09:00+02:00", "2027-11-01T00:00+01:00"),  # and back on 31 October
    ],
)
def test_part_goes_on_its_day_and_not_a_second_earlier(
    settings: Any, zone: str, withdrawn_at: str, due_at: str
) -> None:
    settings.OPERATOR_TIME_ZONE = zone
    due = datetime.fromisoformat(due_at)
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_subject().pk
        with processing("rights", actor=JOB):
            Specimen.objects.create(subject_id=subject_id, story="слова")
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys", datetime.fromisoformat(withdrawn_at))

        assert destroy_due(due - SECOND).parts == 0
        assert destroy_due(due + SECOND).parts == 1

    assert Destruction.objects.get(subject=subject_id).due_at == due


def test_part_has_one_record_one_line_of_the_act_and_the_five_facts_of_the_log() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        for _ in range(2):
            destroy_due(DUE)

    record = Destruction.objects.get(subject=subject_id)
    assert (record.number, record.method, record.categories) == ("2026-000001", "values", ["request"])
    assert record.scope == {"categories": ["request"]}
    assert record.counts["subject_requests.Message"] >= 1
    assert (record.due_at, record.was_late) == (DUE, False)
    assert record.final_at == records.final_moment(KeyEpoch.objects.get().opened_at, record.destroyed_at)
    assert Run.objects.get().destroyed == 1
    event = Event.objects.get(fact="part_destroyed")
    assert (event.subject, event.operation, event.categories) == (subject_id, "destroy", ["request"])
    assert (event.system, event.reason.split(":")[0]) == (record.system, "consent_withdrawn")
    assert [line.part for line in ledger.read_parts()] == [record.part]
    assert list(ledger.read()) == []


def test_act_and_its_extract_of_the_log_tell_of_each_part_alone() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        for at in (ENDED, ENDED + 60 * A_DAY):
            agreed(subject_id, "surveys")
            clock = withdrawn(subject_id, "surveys", at)
            assert clock is not None
            make_request(subject_id=subject_id)
            destroy_due(clock.due_at)
            cancel_clock(
                subject_id=subject_id, trigger=clock.trigger, purpose="surveys", actor=JOB, at=LATE + 60 * A_DAY
            )

        first, second = Run.objects.order_by("pk")
        papers = [json.loads(acts.as_json(run, LATE)) for run in (first, second)]
        assert acts.as_pdf(second, LATE).startswith(b"%PDF")

    assert [[row["number"] for row in paper["subjects"]] for paper in papers] == [["2026-000001"], ["2027-000001"]]
    assert papers[0]["subjects"][0]["part"] == {"categories": ["request"]}
    assert [len(paper["log"]) for paper in papers] == [1, 1]
    assert papers[1]["log"][0]["reason"].endswith("№ 2027-000001")


def test_proof_of_a_part_tells_of_nothing_else_about_the_person() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        clock = withdrawn(subject_id, "surveys")
        assert clock is not None
        destroy_due(DUE)

    proof = selectors.what_proves(receipts.code_for_part(subject_id, clock.part))
    assert proof is not None
    assert list(proof.events().values_list("fact", flat=True)) == ["part_destroyed"]


def test_receipt_of_a_part_opens_without_an_account() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        clock = withdrawn(subject_id, "surveys")
        assert clock is not None
        destroy_due(DUE)

    receipt = selectors.receipt(receipts.code_for_part(subject_id, clock.part))
    assert receipt is not None
    assert (receipt.number, receipt.is_part) == ("2026-000001", True)


def test_what_another_consent_still_needs_stays_until_that_one_ends_too() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys", "site_improvement")

        assert withdrawn(subject_id, "surveys") is None
        later = withdrawn(subject_id, "site_improvement", ENDED + 10 * A_DAY)
        destroy_due(LATE)
        assert Message.objects.filter(subject_id=subject_id).exists()

        assert later is not None
        destroy_due(later.due_at)
        assert not Message.objects.filter(subject_id=subject_id).exists()


def test_consent_given_in_the_meantime_keeps_what_it_needs() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        agreed(subject_id, "site_improvement")

        assert destroy_due(DUE).parts == 0

    assert Message.objects.filter(subject_id=subject_id).exists()
    assert Destruction.objects.count() == 0
    assert Event.objects.filter(fact="kept_on_another_ground", reason="surveys").count() == 1


def test_consent_given_after_a_withdrawal_and_withdrawn_later_moves_the_end() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        agreed(subject_id, "site_improvement")
        later = withdrawn(subject_id, "site_improvement", ENDED + 10 * A_DAY)

        assert later is not None
        assert destroy_due(later.due_at - SECOND).parts == 0
        assert destroy_due(later.due_at).parts == 1


def test_consent_given_again_cancels_and_withdrawn_again_starts_anew() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        cancel_clock(subject_id=subject_id, trigger="consent_withdrawn", purpose="surveys", actor=JOB, at=ENDED)
        agreed(subject_id, "surveys")
        assert destroy_due(LATE).parts == 0

        withdrawn(subject_id, "surveys", LATE)
        assert destroy_due(LATE + 30 * A_DAY).parts == 1


def test_hold_keeps_a_part_too() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        place_hold(subject_id=subject_id, ground=Ground.COURT, until=DUE + 9 * A_DAY, actor=OFFICER, at=DUE - A_DAY)

        assert destroy_due(DUE + A_DAY).parts == 0
        assert destroy_due(DUE + 9 * A_DAY).parts == 1


def test_part_that_cannot_be_destroyed_for_now_is_blocked_for_six_months_at_most() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        impossible: dict[str, Any] = {
            "ground": Ground.IMPOSSIBLE,
            "obstacle": Obstacle.STORAGE,
            "actor": OFFICER,
            "at": DUE,
        }
        with pytest.raises(TooLong):
            place_hold(subject_id=subject_id, until=ENDED + 190 * A_DAY, **impossible)
        place_hold(subject_id=subject_id, until=DUE + 2 * A_DAY, **impossible)
        assert Subject.objects.get(pk=subject_id).blocked_at == DUE

        assert destroy_due(DUE + A_DAY).parts == 0
        assert destroy_due(DUE + 2 * A_DAY).parts == 1


def test_part_that_something_leans_on_is_passed_over_and_everything_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise IntegrityError("leans")

    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        with monkeypatch.context() as patch:
            patch.setattr(values, "erase", fails)
            outcome = destroy_due(DUE)
        assert (outcome.parts, outcome.failed) == (0, 1)
        assert Message.objects.filter(subject_id=subject_id).exists()
        assert Clock.objects.get(purpose="surveys").failed_at == DUE
        assert monitor.lateness(LATE).overdue == 1

        assert destroy_due(LATE).parts == 1
        assert monitor.lateness(LATE).overdue == 0


# --- purposes of a contract -------------------------------------------------------------------------------------------


def test_purpose_that_ended_is_remembered_until_the_last_one_that_needs_the_value_ends() -> None:
    """`support` alone needs the texts beside two consents that were never given."""
    subject_id = make_full_person()

    first = start_clock(subject_id=subject_id, trigger="purpose_reached", purpose="support", at=ENDED, actor=JOB)

    assert first is not None
    assert destroy_due(DUE).parts == 1
    assert not Message.objects.filter(subject_id=subject_id).exists()


def test_end_of_everything_that_needs_an_address_ends_the_person() -> None:
    subject_id = make_modest_person()
    for purpose in ("account", "subscription", "support", "administration"):
        start_clock(subject_id=subject_id, trigger="purpose_reached", purpose=purpose, at=ENDED, actor=JOB)

    destroy_due(DUE)
    destroy_due(DUE + SECOND)

    assert Subject.objects.get(pk=subject_id).destroyed_at is not None


# --- a rule that keeps something for longer ---------------------------------------------------------------------------


def test_what_a_law_needs_for_longer_stays_and_the_rest_goes_at_the_first_end() -> None:
    with running_by(with_names_needed_for_longer()):
        subject_id = make_clock(subject_id=make_full_person()).subject_id
        lives = lifetimes.of_person(Subject.objects.get(pk=subject_id), lifetimes.clocks_of(subject_id))
        assert (lives["request"].ends_at, lives["name"].ends_at) == (DUE, YEAR_AFTER)

        destroy_due(DUE + SECOND)

        assert not Message.objects.filter(subject_id=subject_id).exists()
        assert Profile.objects.filter(subject_id=subject_id, first_name__isnull=False).exists()
        assert Subject.objects.get(pk=subject_id).destroyed_at is None
        assert monitor.lateness(LATE + A_DAY).overdue == 0

        destroy_due(YEAR_AFTER - SECOND)
        assert Subject.objects.get(pk=subject_id).destroyed_at is None
        destroy_due(YEAR_AFTER)
        assert Subject.objects.get(pk=subject_id).destroyed_at is not None

    whole = Destruction.objects.get(subject=subject_id, part=None)
    assert (whole.due_at, whole.was_late) == (YEAR_AFTER, False)
    assert Destruction.objects.filter(subject=subject_id).count() == 2


def test_consent_withdrawn_after_leaving_keeps_nothing_beyond_the_day_of_leaving() -> None:
    with running_by(with_names_needed_for_longer()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        make_clock(subject_id=subject_id)
        later = withdrawn(subject_id, "surveys", ENDED + 10 * A_DAY)
        assert later is None or later.due_at > DUE
        lives = lifetimes.of_person(Subject.objects.get(pk=subject_id), lifetimes.clocks_of(subject_id))

        destroy_due(DUE)

    assert lives["request"].ends_at == DUE
    assert not Message.objects.filter(subject_id=subject_id).exists()


def test_renewed_subscription_cancels_what_was_kept_for_longer_too() -> None:
    with running_by(with_names_needed_for_longer()):
        clock = make_clock()
        cancel_clock(subject_id=clock.subject_id, trigger=clock.trigger, actor=JOB, at=ENDED + A_DAY)

        assert list(Clock.objects.running()) == []


# --- after a restore --------------------------------------------------------------------------------------------------


def test_restored_backup_of_before_does_not_bring_a_part_back() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT before")
        destroy_due(DUE)
        line = next(iter(ledger.read_parts()))
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT before")
        assert Message.objects.filter(subject_id=subject_id).exists()
        assert replaying_parts.brought_back(DUE + A_DAY)
        assert not replaying_parts.brought_back(DUE + 401 * A_DAY)  # no backup lives so long

        replayed = replay.replay(DUE + A_DAY)
        again = replay.replay(DUE + A_DAY)

    assert (replayed.parts, again.parts) == (1, 0)
    assert not replaying_parts.brought_back(DUE + A_DAY)
    assert not Message.objects.filter(subject_id=subject_id).exists()
    assert Destruction.objects.get(subject=subject_id).part == line.part
    assert MailAddress.objects.filter(subject_id=subject_id).exists()


def test_values_entered_after_the_destruction_survive_a_restore() -> None:
    with running_by(with_texts_for_consents_alone()):
        subject_id = make_full_person()
        agreed(subject_id, "surveys")
        withdrawn(subject_id, "surveys")
        destroy_due(DUE)
        make_request(subject_id=subject_id)

        assert replay.replay(DUE + A_DAY).parts == 0
        assert Message.objects.filter(subject_id=subject_id).exists()


# --- who stays as before ----------------------------------------------------------------------------------------------


def test_nothing_is_due_of_a_person_of_whom_nothing_ended() -> None:
    make_modest_person()
    make_subject()

    assert destroy_due(LATE).parts == 0
