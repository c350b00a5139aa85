"""A category or a single value destroyed by order, and the ends that people report."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Profile
from law import clock as law_clock
from personal_data.models import Subject
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from profiles.loader import running_by
from retention import ending, holds, ledger, ordering, remainders
from retention.destruction import destroy_due
from retention.ending import Found
from retention.models import Clock, Destruction, Ground, Norm, PartOrder
from retention.values import NotAlone, Portion
from subject_requests.models import AnswerFile, Message
from tests.factories.retention import make_full_person, make_modest_person
from tests.factories.rules import with_texts_for_consents_alone

pytestmark = pytest.mark.django_db

ONE, OTHER = (Actor(kind=ActorKind.OFFICER, id=str(uuid4())) for _ in range(2))
A_DAY = timedelta(days=1)
TEXTS = Portion(categories=frozenset({"request"}))


def order(subject_id: UUID, portion: Portion, norm: Norm = Norm.UNNEEDED) -> PartOrder:
    return ordering.order_part(subject_id=subject_id, norm=norm, portion=portion, actor=ONE, at=law_clock.now())


def first_name_of(subject_id: UUID) -> Portion:
    return Portion(place="accounts.Profile.first_name", row=Profile.objects.get(subject_id=subject_id).pk)


def raw(subject_id: UUID) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT last_name, first_name, patronymic FROM accounts_profile WHERE subject_id = %s", [subject_id]
        )
        return list(cursor.fetchall())


def test_single_value_goes_at_once_with_record_event_and_a_line_of_the_ledger() -> None:
    subject_id = make_modest_person()

    done = order(subject_id, first_name_of(subject_id))
    remainders.finish()

    assert raw(subject_id) == [(None, None, None)]
    record = Destruction.objects.get()
    assert (record.part, record.categories, record.counts) == (done.pk, ["name"], {"accounts.Profile": 1})
    assert done.done_at == record.destroyed_at
    facts = list(Event.objects.filter(subject=subject_id).order_by("id").values_list("fact", "operation"))
    assert facts[-4:] == [
        ("", "delete"), ("sealed_anew", ""), ("part_destruction_ordered", ""), ("part_destroyed", "destroy")
    ]  # fmt: skip
    (line,) = ledger.read_parts()
    assert (line.part, line.record["scope"]["place"]) == (done.pk, "accounts.Profile.first_name")


def test_category_takes_the_copies_that_were_made_of_everything() -> None:
    subject_id = make_full_person()

    order(subject_id, Portion(categories=frozenset({"name"})))

    assert raw(subject_id) == [(None, None, None)]
    assert not AnswerFile.objects.filter(subject_id=subject_id).exists()
    assert Message.objects.filter(subject_id=subject_id).exists()


def test_large_order_waits_for_a_second_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "LARGE", 1)
    subject_id = make_full_person()

    waiting = order(subject_id, TEXTS)

    assert waiting.done_at is None
    assert Message.objects.filter(subject_id=subject_id).exists()
    with pytest.raises(ordering.SecondPersonNeeded):
        ordering.agree_to_part(order_id=waiting.pk, actor=ONE, at=law_clock.now())
    done = ordering.agree_to_part(order_id=waiting.pk, actor=OTHER, at=law_clock.now())
    assert done.done_at is not None
    assert not Message.objects.filter(subject_id=subject_id).exists()
    with pytest.raises(ordering.NoOrder):
        ordering.agree_to_part(order_id=waiting.pk, actor=OTHER, at=law_clock.now())


def test_what_an_account_cannot_be_without_goes_with_the_person_only() -> None:
    with pytest.raises(NotAlone):
        order(make_modest_person(), Portion(categories=frozenset({"email"})))


@pytest.mark.parametrize("place", ["accounts.Profile.nothing", "nowhere.Nothing.name", "", "accounts.User.email"])
def test_place_that_holds_no_sealed_value_is_refused(place: str) -> None:
    with pytest.raises((NotAlone, ordering.NothingHeld)):
        order(make_modest_person(), Portion(place=place, row=uuid4()))


def test_value_of_another_person_is_not_reached() -> None:
    mine, others = make_modest_person(), make_modest_person()

    with pytest.raises(ordering.NothingHeld):
        order(mine, first_name_of(others))

    assert raw(others)[0][1] is not None


def test_hold_keeps_a_value_from_an_order() -> None:
    subject_id = make_modest_person()
    now = law_clock.now()
    holds.place_hold(subject_id=subject_id, ground=Ground.COURT, until=now + A_DAY, actor=ONE, at=now)

    with pytest.raises(ordering.StandsOnHold):
        order(subject_id, first_name_of(subject_id))

    assert raw(subject_id)[0][1] is not None
    assert PartOrder.objects.count() == 0


def test_database_refuses_to_agree_with_oneself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "LARGE", 0)
    subject_id = make_modest_person()
    waiting = order(subject_id, first_name_of(subject_id))

    with pytest.raises(IntegrityError, match="agreed_by_another_person"), transaction.atomic():
        PartOrder.objects.filter(pk=waiting.pk).update(agreed_by=waiting.ordered_by, agreed_at=law_clock.now())
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        PartOrder.objects.filter(pk=waiting.pk).update(found=9)


# --- ends that are reported -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", list(Found))
def test_reported_end_starts_the_term_of_its_rule(found: Found) -> None:
    subject_id = make_modest_person()

    clock = ending.report_end(subject_id=subject_id, found=found, at=law_clock.now(), actor=ONE)

    assert (clock.trigger, clock.purpose) == (found.value, "")
    assert Event.objects.filter(subject=subject_id, fact="end_reported", reason=found.value).exists()
    assert (Subject.objects.get(pk=subject_id).blocked_at is not None) == (found == Found.UNLAWFUL)
    assert ending.take_back(subject_id=subject_id, found=found, actor=ONE)
    assert list(Clock.objects.running()) == []


def test_unlawful_data_is_destroyed_within_ten_working_days() -> None:
    subject_id = make_modest_person()
    clock = ending.report_end(subject_id=subject_id, found=Found.UNLAWFUL, at=law_clock.now(), actor=ONE)

    assert destroy_due(clock.due_at - timedelta(seconds=1)).destroyed == 0
    assert destroy_due(clock.due_at).destroyed == 1


def test_end_of_one_purpose_leaves_the_rest() -> None:
    subject_id = make_full_person()
    clock = ending.report_end(
        subject_id=subject_id, found=Found.UNLAWFUL, at=law_clock.now(), actor=ONE, purpose="support"
    )

    assert clock.purpose == "support"
    assert Subject.objects.get(pk=subject_id).blocked_at is None
    destroy_due(clock.due_at)
    assert not Message.objects.filter(subject_id=subject_id).exists()
    assert Subject.objects.get(pk=subject_id).destroyed_at is None


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"purpose": "nothing"}, ending.UnknownPurpose),
        ({"purpose": "surveys"}, ending.UnknownPurpose),
        ({"purpose": "rights"}, ending.UnknownPurpose),
    ],
)
def test_purpose_that_staff_cannot_end_is_refused(values: Any, refusal: Any) -> None:
    with pytest.raises(refusal):
        ending.report_end(subject_id=make_modest_person(), found=Found.REACHED, at=law_clock.now(), actor=ONE, **values)


def test_end_that_is_still_to_come_is_refused() -> None:
    with pytest.raises(ending.InTheFuture):
        ending.report_end(subject_id=make_modest_person(), found=Found.CONTRACT, at=law_clock.now() + A_DAY, actor=ONE)


def test_purpose_that_the_operator_gave_up_is_over_for_everybody_who_agreed_to_it() -> None:
    subject_id = make_modest_person()
    Subject.objects.get(pk=subject_id).open_purpose("given_up")
    with running_by(with_texts_for_consents_alone()):
        assert ending.end_purposes_given_up(law_clock.now()) == 1
        assert ending.end_purposes_given_up(law_clock.now()) == 0

    assert Clock.objects.get().purpose == "given_up"
