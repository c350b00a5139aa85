"""People are told of an order to destroy a part of their data that waits for its day, and when it is off: once each."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

import profiles
from accounts.models import User
from accounts.order_mails import tell_of_orders
from law import clock
from notifications.models import MailContent, OutgoingMail
from notifications.rendering import render
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from retention import order_notices, ordering, values
from retention.holds import place_hold, release_hold
from retention.models import Ground, PartOrder, reference
from retention.values import Portion
from tests.factories.personal_data import make_subject
from tests.factories.retention import JOB, make_full_person, make_modest_person, make_part_order

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NAME = Portion(categories=frozenset({"name"}))
OFFICER = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))
SECOND = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))


@pytest.fixture(autouse=True)
def own_home(settings: Any, tmp_path: Any) -> None:
    settings.PORTAL_HOME, settings.FILES_DIR = tmp_path, tmp_path / "files"


@pytest.fixture
def now() -> datetime:
    return clock.now()


def order(subject_id: UUID, at: datetime, portion: Portion = NAME) -> PartOrder:
    made = ordering.order_by_rule(
        subject_id=subject_id, trigger="unlawful_found", portion=portion, since=at, actor=OFFICER, at=at, at_once=False
    )
    assert made.is_waiting
    return made


def told(template: str = "part_order") -> list[UUID]:
    return list(OutgoingMail.objects.filter(template=template).values_list("subject_id", flat=True))


def test_person_is_told_once_of_an_order_that_waits_for_its_day(now: datetime) -> None:
    waiting = order(make_modest_person(), now)

    assert [tell_of_orders(now), tell_of_orders(now), tell_of_orders(waiting.due_at - DAY)] == [1, 0, 0]

    mail = OutgoingMail.objects.get(template="part_order")
    assert mail.context == {
        "destroy_on": str(waiting.destroy_on), "number": reference(waiting.pk), "is_held": False, "may_take": True
    }  # fmt: skip
    with processing("rights", actor=JOB):
        details: Any = MailContent.objects.get(mail=mail).details
    assert details["what"] == profiles.current().categories["name"].title.ru
    assert details["url"].endswith(reverse("me:home"))
    event = Event.objects.get(fact="told_of_order")
    assert (event.subject, event.categories, event.reason) == (
        waiting.subject_id, ["name"], f"{waiting.norm} {waiting.pk}"
    )  # fmt: skip


def test_order_for_one_value_is_told_of_by_its_category(now: datetime) -> None:
    subject_id = make_modest_person()
    one = next(value for value in values.held(subject_id) if value.category == "name")
    order(subject_id, now, Portion(place=one.place, row=one.row))

    tell_of_orders(now)

    assert Event.objects.get(fact="told_of_order").categories == ["name"]


def test_nothing_is_told_before_a_second_person_has_agreed(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "LARGE", 0)
    make_part_order()
    waiting = order(make_modest_person(), now)
    assert tell_of_orders(now) == 0

    ordering.agree_to_part(order_id=waiting.pk, actor=SECOND, at=now)

    assert (tell_of_orders(now), told()) == (1, [waiting.subject_id])


def test_what_goes_at_the_next_sweep_is_not_announced(now: datetime) -> None:
    waiting = order(make_modest_person(), now)

    assert tell_of_orders(waiting.due_at) == 0
    assert ordering.carry_out_due(waiting.due_at) == (1, 0)
    assert tell_of_orders(waiting.due_at) == 0


def test_person_is_told_that_an_order_was_taken_back_if_they_had_heard_of_it(now: datetime) -> None:
    heard, unheard = order(make_modest_person(), now), order(make_modest_person(), now)
    PartOrder.objects.filter(pk=unheard.pk).update(cancelled_at=now)
    tell_of_orders(now)

    ordering.cancel_by_rule(order_ids=[heard.pk], actor=OFFICER, at=now + DAY)

    assert [tell_of_orders(now + DAY), tell_of_orders(now + DAY)] == [1, 0]
    assert told("part_order_off") == [heard.subject_id]
    assert Event.objects.get(fact="told_order_is_off").subject == heard.subject_id


def test_order_whose_part_went_another_way_is_told_off_and_one_that_was_carried_out_is_not(now: datetime) -> None:
    went, carried = order(make_modest_person(), now), order(make_modest_person(), now)
    tell_of_orders(now)
    with processing("retention", actor=JOB):
        values.erase(went.subject_id, NAME, now)

    assert ordering.carry_out_due(max(went.due_at, carried.due_at)) == (2, 0)

    assert tell_of_orders(carried.due_at) == 1
    assert told("part_order_off") == [went.subject_id]


def test_hold_that_the_person_may_know_of_is_told_with_the_order(now: datetime) -> None:
    waiting = order(make_modest_person(), now)
    place_hold(subject_id=waiting.subject_id, ground=Ground.COURT, until=now + DAY, actor=OFFICER, at=now)

    assert tell_of_orders(now) == 1
    assert OutgoingMail.objects.get(template="part_order").context["is_held"] is True


def test_nothing_is_told_while_a_law_forbids_telling(now: datetime) -> None:
    waiting = order(make_modest_person(), now)
    hold = place_hold(
        subject_id=waiting.subject_id, ground=Ground.COURT, until=waiting.due_at + DAY, actor=OFFICER, at=now,
        may_tell=False,
    )  # fmt: skip
    place_hold(subject_id=waiting.subject_id, ground=Ground.COMPLAINT, until=now + 2 * DAY, actor=OFFICER, at=now)
    assert tell_of_orders(now) == 0

    release_hold(hold_id=hold.pk, actor=OFFICER, at=now)

    assert tell_of_orders(now) == 1


def test_who_has_no_account_or_is_gone_is_told_nothing_and_a_closed_account_gets_no_link(now: datetime) -> None:
    closed, gone = make_full_person(), order(make_modest_person(), now)
    stranger = make_subject()
    PartOrder.objects.create(
        subject=stranger, norm="unlawful", categories=["name"], found=1, started_at=now, due_at=now + DAY,
        late_at=now + 2 * DAY, ordered_at=now, ordered_by=uuid4(),
    )  # fmt: skip
    User.objects.filter(subject_id=closed).update(is_active=False)
    order(closed, now)
    Subject.objects.filter(pk=gone.subject_id).update(destroyed_at=now, wrapped_key=None)

    assert (tell_of_orders(now), told()) == (1, [closed])
    assert OutgoingMail.objects.get(template="part_order").context["may_take"] is False


def test_two_runs_claim_once_and_the_database_refuses_to_tell_of_what_nobody_agreed_to(now: datetime) -> None:
    waiting = order(make_modest_person(), now)
    with transaction.atomic():
        assert order_notices.claim(waiting.pk, now) is not None
        assert order_notices.claim(waiting.pk, now) is None

    unagreed = make_part_order()
    with pytest.raises(IntegrityError, match="part_order_is_told_of_when_agreed"), transaction.atomic():
        PartOrder.objects.filter(pk=unagreed.pk).update(told_at=now)
    untold = order(make_modest_person(), now)
    for failed_or_cancelled in ("failed_at", "cancelled_at"):
        PartOrder.objects.filter(pk=untold.pk).update(**{failed_or_cancelled: now})
        with pytest.raises(IntegrityError), transaction.atomic():
            PartOrder.objects.filter(pk=untold.pk).update(told_off_at=now)


def test_database_lets_a_closed_order_be_told_off_once_and_changes_nothing_else_of_it(now: datetime) -> None:
    told_of = order(make_modest_person(), now)
    mine = PartOrder.objects.filter(pk=told_of.pk)
    tell_of_orders(now)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        mine.update(told_at=now + DAY)
    mine.update(cancelled_at=now)

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        mine.update(told_off_at=now + DAY, cancelled_at=now + DAY)
    mine.update(told_off_at=now + DAY)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        mine.update(told_off_at=now + 2 * DAY)


@pytest.mark.parametrize("template", ["part_order", "part_order_off"])
@pytest.mark.parametrize(("language", "words"), [("ru", "часть ваших данных"), ("en", "part of your data")])
def test_mail_names_day_part_number_and_page(template: str, language: str, words: str) -> None:
    context = {
        "destroy_on": "2026-12-20", "number": "1a2b3c4d", "may_take": True, "is_held": False, "what": "Тексты",
        "why": "статья", "url": "https://u/",
    }  # fmt: skip
    rendered = render(template, context, language=language)

    for text in (rendered.text, rendered.html):
        assert "2026" in text
        assert "Тексты" in text
        assert "1a2b3c4d" in text
        assert "https://u/" in text
    assert words in rendered.text.lower()
    held = render(template, {**context, "is_held": True, "may_take": False}, language=language)
    assert "https://u/" not in held.text
