import pytest
from django.core.cache import cache

from tests.factories.consent import publish

FORMS = {"verify_receipt": "/privacy/verify-receipt/", "choose_cookies": "/privacy/cookies/choose/"}


@pytest.fixture(autouse=True)
def nothing_counted_yet(db: None) -> None:
    cache.clear()
    publish()


@pytest.mark.parametrize(("action", "path"), FORMS.items())
def test_form_sent_too_often_is_answered_with_a_pause(client, settings, action, path):
    settings.ACCOUNT_RATE_LIMITS = {action: "2/m/ip"}

    answers = [client.post(path, headers={"accept-language": "ru"}) for _ in range(3)]

    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert "вернитесь через несколько минут" in answers[-1].content.decode()


def test_pages_are_looked_at_as_often_as_one_likes(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"verify_receipt": "1/m/ip"}

    assert {client.get("/privacy/verify-receipt/").status_code for _ in range(3)} == {200}


def test_count_of_one_visitor_is_not_that_of_another(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"verify_receipt": "1/m/ip"}
    client.post("/privacy/verify-receipt/", REMOTE_ADDR="fd00::1:0:0:0:1")

    assert client.post("/privacy/verify-receipt/", REMOTE_ADDR="fd00::2:0:0:0:1").status_code == 200
