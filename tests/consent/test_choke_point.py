"""A consent is what opens; its withdrawal closes, in the same moment and for whoever comes at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import MailAddress
from consent.models import LedgerEntry
from consent.services import AlreadyInForce, NotInForce
from personal_data.errors import NoConsent
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from tests.factories.consent import make_consent, make_withdrawal, publish
from tests.factories.personal_data import make_subject, person


def address_opened_for_advertising(subject: Subject) -> str:
    with processing("ads", actor=Actor.system("campaign")):
        return str(MailAddress.objects.get(subject=subject).address)


@pytest.fixture
def subject(published: None) -> Subject:
    subject = make_subject()
    with processing("account", actor=person(subject.pk)):
        MailAddress.objects.create(subject=subject, address="somebody@example.org")
    return subject


def test_without_a_consent_an_advertisement_cannot_even_read_the_address(subject):
    with pytest.raises(NoConsent):
        address_opened_for_advertising(subject)


def test_consent_opens_its_own_purpose_only(subject):
    make_consent(subject_id=subject.pk, purpose="surveys")

    with pytest.raises(NoConsent):
        address_opened_for_advertising(subject)

    make_consent(subject_id=subject.pk, purpose="ads")
    assert address_opened_for_advertising(subject) == "somebody@example.org"


def test_withdrawal_closes_at_once(subject):
    make_consent(subject_id=subject.pk)
    make_withdrawal(subject_id=subject.pk)

    with pytest.raises(NoConsent):
        address_opened_for_advertising(subject)


def twice_at_once(act) -> list[str]:
    def attempt(_number: int) -> str:
        try:
            act()
        except (AlreadyInForce, NotInForce) as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(4) as pool:
        return sorted(pool.map(attempt, range(4)))


@pytest.mark.django_db(transaction=True)
def test_of_several_clicks_at_once_one_gives_and_one_withdraws():
    publish()
    subject = make_subject()

    assert twice_at_once(lambda: make_consent(subject_id=subject.pk, purpose="surveys")) == ["AlreadyInForce"] * 3 + [
        "done"
    ]
    assert twice_at_once(lambda: make_withdrawal(subject_id=subject.pk, purpose="surveys")) == ["NotInForce"] * 3 + [
        "done"
    ]
    assert list(LedgerEntry.objects.values_list("turn", "kind")) == [(1, "given"), (2, "withdrawn")]
