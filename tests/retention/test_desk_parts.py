"""The desk's page of a person, and the pages of changed rules."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

import profiles
from access.roles import Role
from accounts.models import Profile
from law import clock as law_clock
from personal_data.models import Subject
from retention import changing, in_force, ordering
from retention.destruction import destroy_due
from retention.models import Clock, Destruction, PartOrder, RuleVersion
from tests.factories.accounts import make_user, sign_in
from tests.factories.retention import make_clock, make_full_person, make_modest_person
from tests.factories.rules import make_rule, profile_with

pytestmark = pytest.mark.django_db

PREVIEW = "admin:retention_ruleversion_preview"


@pytest.fixture
def officer(client: Client) -> Client:
    return sign_in(client, make_user(address="officer@example.org", role=Role.OFFICER))


@pytest.fixture
def second() -> Client:
    return sign_in(Client(), make_user(address="second@example.org", role=Role.ADMIN))


def page_of(subject_id: UUID, act: str = "") -> str:
    return reverse(f"admin:retention_person{act}", args=[subject_id])


def text_of(client: Client, address: str) -> str:
    return client.get(address, headers={"Accept-Language": "en"}).content.decode()


def first_name_of(subject_id: UUID) -> str:
    return f"accounts.Profile.first_name {Profile.objects.get(subject_id=subject_id).pk}"


def test_page_says_of_each_category_until_when_or_why_not(officer: Client) -> None:
    subject_id = make_full_person()

    before = text_of(officer, page_of(subject_id))
    make_clock(subject_id=subject_id, started_at=law_clock.now())
    after = text_of(officer, page_of(subject_id))

    assert "no day yet" in before
    assert "Registration and use of the service: goes on" in before
    assert "goes on</li>" not in after
    assert "no day yet" not in after
    assert "Мария" not in before + after


def test_single_value_is_destroyed_from_the_page(officer: Client) -> None:
    subject_id = make_modest_person()

    answer = officer.post(
        page_of(subject_id, "_order"), {"part-what": first_name_of(subject_id), "part-norm": "unneeded"}, follow=True
    )

    assert answer.status_code == 200
    assert Destruction.objects.get(subject=subject_id).categories == ["name"]
    assert not Profile.objects.filter(subject_id=subject_id, first_name__isnull=False).exists()


def test_address_of_an_account_is_not_offered(officer: Client) -> None:
    subject_id = make_modest_person()

    answer = officer.post(page_of(subject_id, "_order"), {"part-what": "category email", "part-norm": "unneeded"})

    assert answer.status_code == 200
    assert PartOrder.objects.count() == 0


def test_large_order_is_agreed_to_by_another_person(
    officer: Client, second: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "LARGE", 1)
    subject_id = make_full_person()
    officer.post(page_of(subject_id, "_order"), {"part-what": "category request", "part-norm": "unlawful"})
    agree = reverse("admin:retention_partorder_agree", args=[PartOrder.objects.exclude(found=1).get().pk])

    officer.post(agree)
    assert Destruction.objects.count() == 0
    second.post(agree)
    assert Destruction.objects.get().categories == ["request"]


def test_end_is_reported_and_taken_back(officer: Client) -> None:
    subject_id = make_modest_person()
    today = f"{law_clock.now():%Y-%m-%d}"

    officer.post(page_of(subject_id, "_end"), {"end-found": "contract_ended", "end-purpose": "", "end-on": today})
    assert Clock.objects.running().get().trigger == "contract_ended"
    officer.post(page_of(subject_id, "_take_back"), {"found": "contract_ended", "purpose": ""})
    assert not Clock.objects.running().exists()


@pytest.mark.parametrize(
    "given",
    [
        {"end-on": "2999-01-01"},
        {"end-on": ""},
        {"end-found": "subscription_ended"},
        {"end-purpose": "surveys"},
    ],
)
def test_end_that_makes_no_sense_starts_nothing(officer: Client, given: Any) -> None:
    subject_id = make_modest_person()
    usual = {"end-found": "contract_ended", "end-purpose": "", "end-on": f"{law_clock.now():%Y-%m-%d}"}

    assert officer.post(page_of(subject_id, "_end"), usual | given).status_code == 200
    assert not Clock.objects.exists()
    assert officer.post(page_of(subject_id, "_take_back"), {"found": "nothing"}).status_code == 302


def test_page_of_somebody_who_is_gone_offers_nothing(officer: Client) -> None:
    clock = make_clock(subject_id=make_modest_person())
    destroy_due(clock.due_at)

    page = text_of(officer, page_of(clock.subject_id))

    assert Subject.objects.get(pk=clock.subject_id).destroyed_at is not None
    assert 'name="part-what"' not in page


def test_changed_rules_are_looked_at_and_confirmed_on_the_desk(
    officer: Client, second: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing.adopt(law_clock.now())
    clock = make_clock(subject_id=make_modest_person(), started_at=law_clock.now())
    changed = profile_with(make_rule(amount=20))
    monkeypatch.setattr(profiles, "load", lambda _name: changed)
    monkeypatch.setattr(profiles, "current", lambda: changed)
    in_force.forget()

    page = text_of(officer, reverse(PREVIEW))
    officer.post(reverse(PREVIEW))
    version = RuleVersion.objects.get(number=2)
    confirm = reverse("admin:retention_ruleversion_confirm", args=[2])
    officer.post(confirm)
    version.refresh_from_db()
    assert version.confirmed_at is None
    second.post(confirm)
    version.refresh_from_db()

    assert str(clock.subject_id)[:8] in page
    assert "1 person would go sooner" in page
    assert version.confirmed_at is not None
    assert changing.take_effect(law_clock.now()) == 1
    assert "in force since" in text_of(officer, reverse("admin:retention_ruleversion_change", args=[version.pk]))
    in_force.assume_profile()
