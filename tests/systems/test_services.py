"""Keys of other systems: made, revoked, counted."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from law import clock
from processing_log.actors import Actor
from processing_log.models import Event
from systems import keys
from systems.meter import Meter
from systems.models import AskedMinute, KeyState, SystemKey
from systems.services import NameTaken, NoSuchPurpose, NotRevocable, forget_old_counts, revoke_key
from tests.factories.personal_data import LONG_AGO
from tests.factories.systems import make_system

pytestmark = pytest.mark.django_db
TEST = Actor.system("test")
MINUTE = timedelta(minutes=1)


def test_make_key_shows_the_secret_once_and_keeps_a_keyed_hash():
    made = make_system()

    assert made.secret.startswith("opk_")
    assert len(made.secret) == keys.LENGTH
    assert SystemKey.objects.get().digest == keys.digest(made.secret)
    event = Event.objects.latest("id")
    assert (event.fact, event.reason, event.purpose) == ("system_key_made", "system crm", "security")


def test_make_key_refuses_a_second_one_for_the_same_system_until_the_first_is_revoked():
    made = make_system()
    with pytest.raises(NameTaken):
        make_system()

    revoke_key(key_id=made.row.pk, actor=TEST, at=clock.now())

    assert make_system().row.pk != made.row.pk


def test_make_key_refuses_a_purpose_that_the_profile_does_not_have():
    with pytest.raises(NoSuchPurpose):
        make_system(purposes=["ads", "world_domination"])


def test_revoke_key_happens_once_and_is_in_the_log():
    made = make_system()

    revoke_key(key_id=made.row.pk, actor=TEST, at=clock.now())

    assert SystemKey.objects.get().state(clock.now()) == KeyState.REVOKED
    assert Event.objects.latest("id").fact == "system_key_revoked"
    with pytest.raises(NotRevocable):
        revoke_key(key_id=made.row.pk, actor=TEST, at=clock.now())


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"expires_at": LONG_AGO}, "system_key_expires_after_it_is_made"),
        ({"purposes": []}, "system_key_is_for_some_purpose"),
        ({"per_minute": 0}, "system_key_may_ask"),
    ],
)
def test_database_refuses_a_key_that_makes_no_sense(wrong, constraint):
    row = make_system().row

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SystemKey.objects.filter(pk=row.pk).update(**wrong)


def test_processes_learn_of_each_other_when_they_settle():
    key, at = make_system().row, clock.now()
    one, other = Meter(), Meter()

    assert one.admit(key.pk, 10, 6, at)
    assert other.admit(key.pk, 10, 4, at)

    assert not other.admit(key.pk, 10, 1, at)
    one.settle()
    assert AskedMinute.objects.get(key=key).asked == 10
    assert other.admit(key.pk, 10, 1, at + MINUTE)


def test_count_that_does_not_reach_the_database_is_owed(monkeypatch, settings):
    settings.QUESTIONS_SETTLE_LATER = False
    key, at, meter = make_system().row, clock.now(), Meter()

    def away(*_):
        raise DatabaseError

    with monkeypatch.context() as patch, pytest.raises(DatabaseError):
        patch.setattr("systems.meter._add", away)
        meter.admit(key.pk, 10, 6, at)
    meter.settle()

    assert AskedMinute.objects.get(key=key).asked == 6
    assert not meter.admit(key.pk, 10, 5, at)


def test_forget_old_counts_keeps_three_months():
    key, now = make_system().row, clock.now()
    for days in (1, 89, 91, 300):
        AskedMinute.objects.create(key=key, minute=now - timedelta(days=days), asked=1)

    assert forget_old_counts(at=now) == 2
