from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.roles import Role
from billing.models import Subscription
from personal_data.models import Subject
from processing_log.models import Event
from retention.models import Clock
from tests.factories.accounts import make_user, sign_in
from tests.factories.billing import FIRST, LAST, TODAY, make_subscription
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.django_db

LIST = reverse("admin:billing_subscription_changelist")
ADD = reverse("admin:billing_subscription_add")


@pytest.fixture(autouse=True)
def in_the_middle() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def desk(client: Client) -> Any:
    return sign_in(client, make_user(address="clerk@example.org", role=Role.STAFF))


def change(subscription: Any) -> str:
    return reverse("admin:billing_subscription_change", args=[subscription.pk])


def filled(subject_id: UUID | str, **values: Any) -> Any:
    return {"subject_reference": str(subject_id), "starts_on": "2026-01-01", "ends_on": "2026-11-20"} | values


def test_staff_open_a_subscription_by_the_persons_reference(desk: Client) -> None:
    subject = make_subject()

    response = desk.post(ADD, filled(subject.id))

    assert (response.status_code, response["Location"]) == (302, LIST)
    subscription = Subscription.objects.get()
    assert (subscription.subject_id, subscription.starts_on, subscription.ends_on) == (subject.id, FIRST, LAST)
    event = Event.objects.get(fact="subscription_opened")
    assert (event.subject, event.actor_kind, event.purpose) == (subject.id, "staff", "subscription")
    assert not LogEntry.objects.exists()


def test_staff_move_the_last_day_by_the_service(desk: Client) -> None:
    subscription = make_subscription()

    response = desk.post(change(subscription), {"ends_on": "2026-11-01"})

    assert response.status_code == 302
    subscription.refresh_from_db()
    assert (subscription.ends_on, subscription.ended_at) == (date(2026, 11, 1), TODAY)
    assert Clock.objects.get().subject_id == subscription.subject_id


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("unknown", "Пользователя с таким номером нет"),
        ("blocked", "Данные этого человека заблокированы"),
        ("subscribed", "уже есть подписка"),
    ],
)
def test_form_says_why_a_subscription_cannot_be_opened(desk: Client, person: str, words: Any) -> None:
    subject = make_subject()
    if person == "blocked":
        subject.block(at=TODAY)
    if person == "subscribed":
        make_subscription(subject_id=subject.id)
    reference = "99999999-9999-4999-8999-999999999999" if person == "unknown" else subject.id

    response = desk.post(ADD, filled(reference))

    assert response.status_code == 200
    assert words in response.content.decode()


def test_form_refuses_days_in_the_wrong_order(desk: Client) -> None:
    response = desk.post(ADD, filled(make_subject().id, ends_on="2025-01-01"))

    assert "Последний день раньше первого" in response.content.decode()
    assert not Subscription.objects.exists()


def test_slip_of_the_pen_destroys_nobody(desk: Client) -> None:
    subscription = make_subscription(starts_on=date(2024, 1, 1))

    refused = desk.post(change(subscription), {"ends_on": "2025-11-20"})

    assert "срок уже закончился" in refused.content.decode()
    assert not Clock.objects.exists()
    assert desk.post(change(subscription), {"ends_on": "2025-11-20", "at_once": "on"}).status_code == 302
    assert Clock.objects.due(TODAY).get().subject_id == subscription.subject_id


def test_person_who_leaves_meanwhile_keeps_their_subscription_as_it_was(desk: Client) -> None:
    subscription = make_subscription()
    Subject.objects.get(pk=subscription.subject_id).block(at=TODAY)

    response = desk.post(change(subscription), {"ends_on": "2027-11-20"}, follow=True)

    assert "Ничего не изменилось" in response.content.decode()
    subscription.refresh_from_db()
    assert subscription.ends_on == LAST


def test_list_takes_the_same_queries_with_one_and_three_rows(desk: Client) -> None:
    make_subscription()
    desk.get(LIST)
    one = queries(desk)
    for _ in range(2):
        make_subscription(ends_on=LAST + timedelta(days=1))

    assert queries(desk) == one


def queries(desk: Client) -> int:
    with CaptureQueriesContext(connection) as found:
        assert desk.get(LIST).status_code == 200
    return len(found)


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 403), (Role.OFFICER, 200)])
def test_administrators_look_and_do_not_touch(client: Client, role: Role, status: int) -> None:
    desk = sign_in(client, make_user(address="other@example.org", role=role))

    assert desk.get(LIST).status_code == 200
    assert desk.get(ADD).status_code == status
