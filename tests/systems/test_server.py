"""The question at the real server: gunicorn with its pool of connections."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import Any

import pytest
from django.db import connection

from law import clock
from operator_portal.testing.running import RunningPortal
from processing_log.actors import Actor
from systems import meter as meters
from systems.meter import Meter
from systems.models import AskedMinute
from systems.services import revoke_key
from tests.factories.consent import make_consent, make_withdrawal, publish
from tests.factories.personal_data import make_subject
from tests.factories.systems import ADDRESS, make_system


class Asker:
    """A client that keeps its connection."""

    def __init__(self, portal: RunningPortal, key: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=20)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Accept-Language": "en"}

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def ask(self, **body: str) -> tuple[int, dict[str, Any]]:
        self._line.request("POST", ADDRESS, json.dumps(body), self._headers)
        answer = self._line.getresponse()
        return answer.status, json.loads(answer.read())

    def visit(self, path: str) -> int:
        self._line.request("GET", path)
        answer = self._line.getresponse()
        answer.read()
        return answer.status


def test_server_answers_and_hears_of_withdrawal_and_revocation_at_once(running_portal):
    publish()
    made, subject = make_system(purposes=["surveys"]), make_subject()
    about = {"purpose": "surveys", "subject": str(subject.pk)}
    with Asker(running_portal, made.secret) as asker:
        answers = [asker.ask(**about)]
        for act in (make_consent, make_withdrawal):
            act(subject_id=subject.pk, purpose="surveys")
            answers += [asker.ask(**about), asker.ask(**about)]
        revoke_key(key_id=made.row.pk, actor=Actor.system("test"), at=clock.now())
        refused = asker.ask(**about)

    assert [(status, answer["may"]) for status, answer in answers] == [
        (200, False), (200, True), (200, True), (200, False), (200, False),
    ]  # fmt: skip
    assert (refused[0], refused[1]["code"]) == (401, "no_key")
    assert made.secret not in running_portal.log("web").read_text()
    assert str(subject.pk) not in running_portal.log("web").read_text()


def test_questions_and_pages_share_the_pool(running_portal):
    made, subject = make_system(), make_subject()

    def mixed(_number: int) -> set[int]:
        with Asker(running_portal, made.secret) as asker:
            statuses = [asker.ask(purpose="account", subject=str(subject.pk))[0] for _ in range(10)]
            return {*statuses, asker.visit("/readyz"), asker.visit("/privacy/data-map.json")}

    with ThreadPoolExecutor(12) as pool:
        assert set().union(*pool.map(mixed, range(24))) == {200}
    assert sum(AskedMinute.objects.values_list("asked", flat=True)) == 240


def test_question_is_answered_after_the_database_has_closed_every_connection(running_portal, as_superuser):
    made, subject = make_system(), make_subject()
    about = {"purpose": "account", "subject": str(subject.pk)}
    with Asker(running_portal, made.secret) as asker:
        statuses = [asker.ask(**about)[0] for _ in range(8)]
        as_superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = 'portal_app' AND pid <> %s",
            [connection.cursor().connection.info.backend_pid],
        )
        statuses += [asker.ask(**about)[0] for _ in range(8)]

    assert statuses == [200] * 16


@pytest.mark.django_db(transaction=True)
def test_count_comes_to_the_database_by_itself_a_moment_later(settings, monkeypatch):
    settings.QUESTIONS_SETTLE_LATER = True
    monkeypatch.setattr(meters, "SETTLE_SECONDS", 0.01)
    settled, meter, key, at = Signal(), Meter(), make_system().row, clock.now()
    settle = meter.settle

    def noticed() -> None:
        settle()
        settled.set()

    monkeypatch.setattr(meter, "settle", noticed)
    assert all(meter.admit(key.pk, 10, 2, at) for _ in range(5))
    assert settled.wait(10)

    assert AskedMinute.objects.get().asked == 10
    assert not meter.admit(key.pk, 10, 1, at)
