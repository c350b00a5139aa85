import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives

from accounts.tasks import answer_reset_requests
from notifications.tasks import send_due_mail
from tests.factories.consent import publish

Post = Callable[[], list[EmailMultiAlternatives]]


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> Iterator[None]:
    """Limits are counted in the cache, and no test shall pay for another one's attempts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def policy(db: None) -> None:
    publish()


@pytest.fixture
def post(mailoutbox: list[Any]) -> Post:
    """Lets the worker work, and hands over the letters that have come since the last time."""

    def collect() -> list[EmailMultiAlternatives]:
        seen = len(mailoutbox)
        answer_reset_requests()
        send_due_mail()
        return mailoutbox[seen:]

    return collect


def redis_of_cache() -> Any:
    django_cache: Any = cache
    return django_cache._cache.get_client()


def link_in(letter: EmailMultiAlternatives) -> str:
    """The path of the one link that a letter is about."""
    found = re.search(r"http://testserver(/accounts/\S+)", str(letter.body))
    assert found, letter.body
    return found.group(1)
