"""Keys are rotated while the portal serves at a steady rate: nobody gets an error. By default it is short, and pages
are asked for slowly, for machines with other things to do; ROTATION_SECONDS, ROTATION_PAGES and ROTATION_OPENINGS (both
are rates) set another measure."""

import http.client
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle
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
from tests.factories.personal_data import make_specimen

SECONDS = float(os.environ.get("ROTATION_SECONDS", "6"))
PAGES = float(os.environ.get("ROTATION_PAGES", "20"))
OPENINGS = float(os.environ.get("ROTATION_OPENINGS", "200"))
CALLERS = 8
NAME = "Ярополк"

pytestmark = pytest.mark.django_db(transaction=True)

Serve = Callable[[str], RunningPortal]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request; whoever is asked answers with the name."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def serve(transactional_db: None, own_keyring: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Processes of this test alone, which hold the keyring that is rotated here."""
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 2 * keyring.FRESH_SECONDS + 1)
    monkeypatch.setenv("WEB_THREADS", str(CALLERS))
    started = []

    def start(application: str) -> RunningPortal:
        portal = RunningPortal(slot, application=application)
        started.append(portal)
        portal.start()
        return portal

    yield start
    for portal in started:
        portal.stop()


class Caller(threading.Thread):
    """Asks in turn, each time at the moment that the rate sets, not when it has time."""

    def __init__(self, portal: RunningPortal, asks: Sequence[Ask], rate: float, until: float) -> None:
        super().__init__()
        self.address, self.asks, self.rate, self.until = urlsplit(portal.url).netloc, cycle(asks), rate, until
        self.answers, self.opened = Counter[int](), 0

    def run(self) -> None:
        due = monotonic()
        with closing(http.client.HTTPConnection(self.address, timeout=30)) as web:
            while monotonic() < self.until:
                ask = next(self.asks)
                web.request(ask.method, ask.path, headers=ask.headers)
                answer = web.getresponse()
                self.opened += NAME.encode() in answer.read()
                self.answers[answer.status] += 1
                due += CALLERS / self.rate
                sleep(max(due - monotonic(), 0))


def test_rotation_while_pages_are_served_costs_nobody_an_error(serve: Serve, own_keyring: Path) -> None:
    asks = [
        [Ask(method="GET", path="/me/profile/", headers={"Cookie": _cookie_of(number)})] for number in range(CALLERS)
    ]

    _rotate_while_they_ask(serve("operator_portal.wsgi"), asks, PAGES, own_keyring)


def test_rotation_while_values_are_opened_and_sealed_costs_nobody_an_error(serve: Serve, own_keyring: Path) -> None:
    specimens = [make_specimen(name=NAME) for _ in range(CALLERS)]
    paths = [f"/{each.subject_id}/{each.pk}" for each in specimens]
    asks = [[Ask(method="GET" if turn else "PUT", path=path) for turn in range(10)] for path in paths]

    _rotate_while_they_ask(serve("tests.personal_data.opening"), asks, OPENINGS, own_keyring)


def _rotate_while_they_ask(
    portal: RunningPortal, asks: Sequence[Sequence[Ask]], rate: float, own_keyring: Path
) -> None:
    until = monotonic() + SECONDS
    callers = [Caller(portal, each, rate, until) for each in asks]
    for caller in callers:
        caller.start()
    rotations = 0
    while monotonic() < until:
        rotation.rotate(clock.now(), even_if_young=True, batch_size=3)
        rotations += 1
    for caller in callers:
        caller.join()

    answers = sum((caller.answers for caller in callers), Counter[int]())
    per_second = answers.total() / SECONDS
    print(f"{answers.total()} requests, {per_second:.0f} a second, {rotations} rotations in {SECONDS:g} s: {answers}")
    [epoch] = Keyring.from_json(own_keyring.read_text()).epochs
    assert answers == {200: answers.total()}
    assert sum(caller.opened for caller in callers) == answers.total() >= CALLERS
    assert set(Subject.objects.filter(destroyed_at=None).values_list("epoch_id", flat=True)) == {epoch}


def _cookie_of(number: int) -> str:
    user = make_user(address=f"person{number}@example.org", first_name=NAME)
    client = sign_in(Client(), user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
