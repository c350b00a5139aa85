"""Keys are rotated while the portal serves at a steady rate: nobody gets an error. ROTATION_SECONDS=60 and
ROTATION_RATE=200 are the full measure; by default it is short and slower, for machines with other things to do."""

import http.client
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from law import clock
from operator_portal.testing.embedded import slot
from operator_portal.testing.running import RunningPortal
from personal_data import keyring, rotation
from personal_data.keyring import Keyring
from personal_data.models import Subject
from tests.factories.accounts import make_user, sign_in

SECONDS = float(os.environ.get("ROTATION_SECONDS", "6"))
RATE = float(os.environ.get("ROTATION_RATE", "20"))
CALLERS = 8
NAME = "Ярополк"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def portal(transactional_db: None, own_keyring: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningPortal]:
    """Of this test alone: its processes hold the keyring that is rotated here."""
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 2 * keyring.FRESH_SECONDS + 1)
    monkeypatch.setenv("WEB_THREADS", str(CALLERS))
    portal = RunningPortal(slot)
    portal.start()
    yield portal
    portal.stop()


class Caller(threading.Thread):
    """Asks for a page that opens sealed values, each time at the moment that the rate sets, not when it has time."""

    def __init__(self, portal: RunningPortal, cookie: str, until: float) -> None:
        super().__init__()
        self.address, self.cookie, self.until = urlsplit(portal.url).netloc, cookie, until
        self.answers, self.opened = Counter[int](), 0

    def run(self) -> None:
        due = monotonic()
        with closing(http.client.HTTPConnection(self.address, timeout=30)) as web:
            while monotonic() < self.until:
                web.request("GET", "/me/profile/", headers={"Cookie": self.cookie})
                answer = web.getresponse()
                self.opened += NAME.encode() in answer.read()
                self.answers[answer.status] += 1
                due += CALLERS / RATE
                sleep(max(due - monotonic(), 0))


def test_rotation_while_the_portal_serves_costs_nobody_an_error(portal: RunningPortal, own_keyring: Path) -> None:
    cookies = [_cookie_of_somebody(number) for number in range(CALLERS)]
    until = monotonic() + SECONDS
    callers = [Caller(portal, cookie, until) for cookie in cookies]
    for caller in callers:
        caller.start()
    rotations = 0
    while monotonic() < until:
        rotation.rotate(clock.now(), even_if_young=True, batch_size=3)
        rotations += 1
    for caller in callers:
        caller.join()

    answers = sum((caller.answers for caller in callers), Counter[int]())
    rate = answers.total() / SECONDS
    print(f"{answers.total()} requests, {rate:.0f} a second, {rotations} rotations in {SECONDS:g} s: {answers}")
    [epoch] = Keyring.from_json(own_keyring.read_text()).epochs
    assert answers == {200: answers.total()}
    assert sum(caller.opened for caller in callers) == answers.total() >= CALLERS
    assert set(Subject.objects.filter(destroyed_at=None).values_list("epoch_id", flat=True)) == {epoch}


def _cookie_of_somebody(number: int) -> str:
    user = make_user(address=f"person{number}@example.org", first_name=NAME)
    client = sign_in(Client(), user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
