"""A changed rule does nothing until somebody has looked, another one has confirmed, and it was carried out whole."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

import profiles
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from profiles.schema import Profile
from retention import changing, in_force, rules
from retention.destruction import destroy_due
from retention.models import Clock, RuleVersion
from tests.factories.retention import DUE, ENDED, make_clock, make_modest_person
from tests.factories.rules import make_rule, profile_with, with_names_needed_for_longer

pytestmark = pytest.mark.django_db

ONE, OTHER = (Actor(kind=ActorKind.OFFICER, id=str(uuid4())) for _ in range(2))
A_DAY = timedelta(days=1)


@pytest.fixture
def profile_says(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What stands in the operator's folder; the process has read it."""
    usual = profiles.current()

    def says(profile: Profile) -> None:
        monkeypatch.setattr(profiles, "load", lambda _name: profile)
        monkeypatch.setattr(profiles, "current", lambda: profile)
        in_force.forget()

    says(usual)
    changing.adopt(ENDED)
    yield says
    in_force.assume_profile()


def ten_days() -> Profile:
    return profile_with(make_rule(amount=10))


def changed(at: Any) -> None:
    version = changing.look(actor=ONE, at=at)
    changing.confirm(number=version.number, actor=OTHER, at=at)
    changing.take_effect(at)


def test_first_rules_are_in_force_without_a_preview(profile_says: Any) -> None:
    changing.adopt(ENDED + A_DAY)

    version = RuleVersion.objects.get()
    assert (version.number, version.in_force_at) == (1, ENDED)
    assert not changing.is_waiting()


def test_changed_rule_counts_nothing_until_it_is_confirmed(profile_says: Any) -> None:
    profile_says(ten_days())

    assert changing.is_waiting()
    assert rules.rule_for("subscription_ended").amount == 30
    assert make_clock().due_at == DUE
    changing.take_effect(ENDED + A_DAY)
    assert rules.rule_for("subscription_ended").amount == 30


def test_preview_says_who_would_go_sooner_and_changes_nothing(profile_says: Any) -> None:
    clock = make_clock(subject_id=make_modest_person())
    make_clock(trigger="account_deleted")
    profile_says(ten_days())

    (effect,) = changing.preview(ENDED + A_DAY)
    version = changing.look(actor=ONE, at=ENDED + A_DAY)

    assert effect.subject_id == clock.subject_id
    assert (effect.old_on, effect.new_on, effect.direction) == (date(2026, 12, 20), date(2026, 12, 6), "sooner")
    assert version.preview["rules"] == {"subscription_ended": {"sooner": 1}}
    assert version.preview["changed"] == ["subscription_ended"]
    assert Clock.objects.running().order_by("pk").first() == clock


def test_confirmed_change_takes_effect_with_two_weeks_for_the_warnings(profile_says: Any) -> None:
    clock = make_clock(subject_id=make_modest_person())
    profile_says(ten_days())
    changed(ENDED + A_DAY)

    new = Clock.objects.running().get()
    assert (new.started_at, new.due_at) == (clock.started_at, DUE - 14 * A_DAY)
    assert new.receipt_digest == clock.receipt_digest
    assert rules.rule_for("subscription_ended").amount == 10
    assert set(Event.objects.filter(subject=clock.subject_id).values_list("fact", flat=True)) >= {"term_recounted"}
    assert destroy_due(DUE - 14 * A_DAY - timedelta(seconds=1)).destroyed == 0
    assert destroy_due(DUE - 14 * A_DAY).destroyed == 1


def test_longer_term_keeps_those_who_would_have_gone(profile_says: Any) -> None:
    profile_says(ten_days())
    changed(ENDED - A_DAY)
    make_clock()
    profile_says(profile_with(make_rule(amount=30)))

    assert [effect.direction for effect in changing.preview(ENDED)] == ["later"]
    changed(ENDED)
    assert Clock.objects.running().get().due_at == DUE


def test_new_rule_that_keeps_something_reaches_people_whose_end_has_begun(profile_says: Any) -> None:
    clock = make_clock()
    profile_says(with_names_needed_for_longer())

    assert "later" in {effect.direction for effect in changing.preview(ENDED)}
    changed(ENDED)
    assert Clock.objects.keeping().get().subject_id == clock.subject_id


def test_whoever_looked_cannot_confirm(profile_says: Any) -> None:
    profile_says(ten_days())
    version = changing.look(actor=ONE, at=ENDED)

    with pytest.raises(changing.SecondPersonNeeded):
        changing.confirm(number=version.number, actor=ONE, at=ENDED)
    with pytest.raises(IntegrityError, match="confirmed_by_another_person"), transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk).update(confirmed_by=ONE.id, confirmed_at=ENDED)


def test_profile_that_changed_after_the_preview_has_to_be_looked_at_again(profile_says: Any) -> None:
    profile_says(ten_days())
    version = changing.look(actor=ONE, at=ENDED)
    profile_says(profile_with(make_rule(amount=20)))

    with pytest.raises(changing.OtherRulesNow):
        changing.confirm(number=version.number, actor=OTHER, at=ENDED)


def test_nothing_is_to_be_looked_at_while_the_profile_says_what_is_in_force(profile_says: Any) -> None:
    with pytest.raises(changing.NothingChanged):
        changing.look(actor=ONE, at=ENDED)
    with pytest.raises(changing.NoVersion):
        changing.confirm(number=7, actor=OTHER, at=ENDED)


def test_change_takes_effect_once(profile_says: Any) -> None:
    make_clock()
    profile_says(ten_days())
    changed(ENDED)

    assert changing.take_effect(ENDED + A_DAY) == 0
    assert Clock.objects.count() == 2


def test_database_refuses_to_change_a_version(profile_says: Any) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        RuleVersion.objects.update(rules=[])
