from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from retention import receipts
from retention.destruction import destroy_due
from retention.models import Destruction
from retention.selectors import receipt
from tests.factories.personal_data import make_subject
from tests.factories.retention import DUE, ENDED, make_clock, make_full_person

pytestmark = pytest.mark.django_db


def page(client: Client, code: str, language: str = "ru") -> Any:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client.get(reverse("retention:receipt", args=[code]))


def destroyed_person() -> Any:
    subject_id = make_full_person(name="Аполлинария")
    code = receipts.code_for(subject_id)
    make_clock(subject_id=subject_id)
    destroy_due(DUE)
    return subject_id, code


def test_code_is_the_persons_own_and_says_nothing_about_them() -> None:
    first, second = make_subject().id, make_subject().id

    assert receipts.code_for(first) == receipts.code_for(first) != receipts.code_for(second)
    assert receipts.SHAPE.fullmatch(receipts.code_for(first))
    assert str(first)[:8] not in receipts.code_for(first)
    assert receipts.url_for(first) == f"{settings.BASE_URL}/receipts/{receipts.code_for(first)}/"


def test_code_is_stored_as_a_digest_only() -> None:
    _subject_id, code = destroyed_person()
    row = Destruction.objects.values().get()

    assert code not in str(row)
    assert bytes(row["receipt_digest"]) == receipts.digest(code)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", ["Квитанция об уничтожении", "№ 2026-000001", "20 декабря 2026", "пункт 5.2 Политики"]),
        ("en", ["Receipt of destruction", "No. 2026-000001", "20 December 2026", "Policy, clause 5.2"]),
    ],
)
def test_receipt_needs_no_account_and_says_what_went_when_and_why(client: Client, language: str, words: Any) -> None:
    subject_id, code = destroyed_person()

    response = page(client, code, language)

    text = response.content.decode()
    assert response.status_code == 200
    assert [word for word in words if word not in text] == []
    assert [secret for secret in (str(subject_id), "Аполлинария", "@example.org") if secret in text] == []
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


def test_receipt_shows_the_day_while_the_term_runs(client: Client) -> None:
    clock = make_clock()

    response = page(client, receipts.code_for(clock.subject_id))

    assert response.status_code == 200
    assert "20 декабря 2026" in response.content.decode()
    assert receipt(receipts.code_for(clock.subject_id)) is None


def test_receipt_of_a_cancelled_term_is_not_there(client: Client) -> None:
    clock = make_clock(cancelled_at=ENDED + timedelta(days=1))

    assert page(client, receipts.code_for(clock.subject_id)).status_code == 404


@pytest.mark.parametrize("code", ["a" * 32, "nonsense", "A" * 32, "0" * 32])
def test_any_other_code_is_not_there(client: Client, code: str) -> None:
    destroyed_person()

    assert page(client, code).status_code == 404


def test_receipt_takes_the_same_queries_whatever_was_held(client: Client, django_assert_num_queries: Any) -> None:
    _subject_id, code = destroyed_person()

    with django_assert_num_queries(1):
        page(client, code)
