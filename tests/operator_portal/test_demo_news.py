"""The advertising mail of the demo."""

import pytest

from notifications import dispatch
from notifications.models import OutgoingMail
from operator_portal.demo import news
from tests.factories.accounts import make_user
from tests.factories.consent import make_consent, make_withdrawal, publish
from tests.factories.notifications import AT
from tests.factories.suppression import make_suppression

pytestmark = pytest.mark.django_db


def test_news_goes_to_those_alone_who_agreed_and_are_not_suppressed(mailoutbox):
    publish()
    addresses = ("willing@example.org", "never.asked@example.org", "withdrew@example.org", "suppressed@example.org")
    willing, _never_asked, withdrew, suppressed = (make_user(address=address) for address in addresses)
    for user in (willing, withdrew, suppressed):
        make_consent(subject_id=user.subject_id)
    make_withdrawal(subject_id=withdrew.subject_id)
    make_suppression(address="suppressed@example.org")

    assert news.send_news(AT) == 2
    dispatch.dispatch_due(at=AT)

    advertising = [letter for letter in mailoutbox if "List-Unsubscribe" in letter.extra_headers]
    assert [letter.to for letter in advertising] == [["willing@example.org"]]
    outcomes = OutgoingMail.objects.filter(template="portal_news").values_list("subject", "state", "failure")
    assert set(outcomes) == {(willing.subject_id, "sent", ""), (suppressed.subject_id, "failed", "suppressed")}


def test_news_to_nobody_is_nothing():
    publish()

    assert news.send_news(AT) == 0
    assert not OutgoingMail.objects.exists()
