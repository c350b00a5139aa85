from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import SubscriptionState
from billing.selectors import my_subscription, unended
from billing.services import end_subscription, set_subscription_end
from retention import receipts
from retention.services import start_clock
from tests.factories.accounts import make_user, sign_in
from tests.factories.billing import LAST, TODAY, make_subscription
from tests.factories.personal_data import person

pytestmark = pytest.mark.django_db

OVER = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
DESTROYED_ON = date(2026, 12, 20)


@pytest.fixture
def anna() -> Any:
    return make_user()


def page(client: Client, user: User, *, at: datetime = TODAY, language: str = "ru") -> Any:
    with time_machine.travel(at, tick=False):
        sign_in(client, user)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return client.get(reverse("subscription:mine"))


def test_my_subscription_is_none_without_one(anna: User) -> None:
    assert my_subscription(anna.subject_id, TODAY) is None


def test_my_subscription_says_how_long_and_what_then(anna: User) -> None:
    make_subscription(subject_id=anna.subject_id)

    mine = my_subscription(anna.subject_id, TODAY)
    assert mine

    assert (mine.state, mine.ends_on, mine.days_left, mine.destroy_on) == (
        SubscriptionState.ACTIVE,
        LAST,
        10,
        DESTROYED_ON,
    )
    assert mine.receipt_url == receipts.url_for(anna.subject_id)
    assert mine.earlier is None


def test_my_subscription_names_a_term_that_ends_earlier(anna: User) -> None:
    make_subscription(subject_id=anna.subject_id)
    start_clock(subject_id=anna.subject_id, trigger="account_deleted", at=TODAY, actor=person(anna.subject_id))

    mine = my_subscription(anna.subject_id, TODAY)
    assert mine
    assert mine.earlier
    assert mine.destroy_on == mine.earlier.destroy_on == date(2026, 12, 10)
    assert "статьи 21" in mine.norm


def test_subscription_that_has_just_ended_is_shown_as_ended_before_the_job_has_run(anna: User) -> None:
    make_subscription(subject_id=anna.subject_id)

    mine = my_subscription(anna.subject_id, OVER)
    assert mine

    assert (mine.state, mine.destroy_on) == (SubscriptionState.ENDED, DESTROYED_ON)


@pytest.mark.parametrize(("language", "words"), [("ru", "У вас нет подписки"), ("en", "You have no subscription")])
def test_page_without_a_subscription_says_what_that_means(
    client: Client, anna: User, language: str, words: Any
) -> None:
    response = page(client, anna, language=language)

    assert response.status_code == 200
    assert words in response.content.decode()


@pytest.mark.parametrize(
    ("at", "language", "words"),
    [
        (TODAY, "ru", ["действует", "20 ноября 2026", "осталось 10 дней", "20 декабря 2026"]),
        (TODAY, "en", ["active", "20 November 2026", "10 days left", "20 December 2026"]),
        (OVER, "ru", ["закончилась", "Получить копию", "20 декабря 2026"]),
        (TODAY - timedelta(days=365), "ru", ["ещё не началась"]),
    ],
)
def test_page_says_until_when_and_when_the_data_goes(
    client: Client, anna: User, at: datetime, language: str, words: Any
) -> None:
    make_subscription(subject_id=anna.subject_id)

    text = page(client, anna, at=at, language=language).content.decode()

    assert [word for word in words if word not in text] == []
    assert receipts.url_for(anna.subject_id) in text


def test_page_belongs_to_its_person(client: Client, anna: User) -> None:
    make_subscription()

    assert "У вас нет подписки" in page(client, anna).content.decode()


def test_stranger_is_sent_to_sign_in(client: Client) -> None:
    response = client.get(reverse("subscription:mine"))

    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_monitor_counts_subscriptions_that_nobody_has_ended_for_a_day(anna: User) -> None:
    subscription = make_subscription(subject_id=anna.subject_id)

    assert unended(OVER + timedelta(hours=23)) == 0
    assert unended(OVER + timedelta(hours=25)) == 1
    end_subscription(subscription_id=subscription.pk, actor=person(anna.subject_id), at=OVER)
    assert unended(OVER + timedelta(hours=25)) == 0
    set_subscription_end(subject_id=anna.subject_id, ends_on=date(2027, 1, 1), actor=person(anna.subject_id), at=OVER)
    assert unended(OVER + timedelta(hours=25)) == 0


def test_page_names_the_reason_for_which_the_data_goes_earlier(client: Client, anna: User) -> None:
    make_subscription(subject_id=anna.subject_id)
    start_clock(subject_id=anna.subject_id, trigger="account_deleted", at=TODAY, actor=person(anna.subject_id))

    text = page(client, anna).content.decode()

    assert "30 календарных дней после удаления учётной записи: 10 декабря 2026." in text
    assert "20 декабря 2026" not in text
