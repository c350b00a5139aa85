"""The whole map of addresses against everybody who may come: each gets what decisions.py says, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test.client import ClientHandler

from tests.architecture.decisions import DECISIONS, SECOND_FACTOR, SIGN_IN, Answer, Decision
from tests.architecture.routes import path_to, routes
from tests.architecture.stage import OWNER, STRANGER, Stage, set_up

pytestmark = pytest.mark.django_db

#: One for all: each would put the layers of middleware together anew.
PORTAL = ClientHandler(enforce_csrf_checks=False)
SENT_TO = {"/accounts/login/": SIGN_IN, "/accounts/2fa/": SECOND_FACTOR}


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any, slot_database: Any) -> Iterator[Stage]:
    with set_up(slot_database, django_db_blocker) as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    """Limits are counted in the cache."""
    cache.clear()


def decided() -> list[str]:
    """Of the others the first test tells."""
    return [route for route in routes() if route in DECISIONS]


def answer_of(response: HttpResponse) -> Answer:
    """The status, or where somebody was sent who has to do something first."""
    if response.status_code == 302:
        return SENT_TO.get(response.headers["Location"].partition("?")[0], 302)
    return response.status_code


def ask(stage: Stage, who: str, method: str, path: str) -> Answer:
    """What was done is taken back, so that nobody's answer depends on who was asked before."""
    before, client = transaction.savepoint(), stage.client(who)
    client.handler = PORTAL
    try:
        return answer_of(getattr(client, method)(path))
    finally:
        transaction.savepoint_rollback(before)


def test_every_address_is_decided_and_every_decision_has_its_address():
    assert set(routes()) - set(DECISIONS) == set()
    assert set(DECISIONS) - set(routes()) == set()


@pytest.mark.parametrize("route", decided())
def test_everybody_gets_what_is_decided(route, stage):
    decision = DECISIONS[route]
    path = path_to(route, stage.things)

    got = {who: ask(stage, who, decision.method, path) for who in decision.whom_to_ask()}

    assert got == {who: decision.answer_to(who) for who in decision.whom_to_ask()}


@pytest.mark.parametrize("route", [route for route in decided() if DECISIONS[route].roles is not None])
def test_whoever_may_not_look_may_not_send_either(route, stage):
    decision = DECISIONS[route]
    refused = _refused(decision)

    got = {who: ask(stage, who, _other(decision.method), path_to(route, stage.things)) for who in refused}

    assert got == {who: decision.answer_to(who) for who in refused}


def _refused(decision: Decision) -> list[str]:
    """The stranger and the first of those whose role is not asked in."""
    others = [who for who in decision.whom_to_ask() if decision.answer_to(who) == 403 and decision.answer != 403]
    return [STRANGER, *others[:1]]


def _other(method: str) -> str:
    return "get" if method == "post" else "post"


def test_demo_is_not_there_outside_of_the_demo(stage):
    assert {ask(stage, who, "get", "/demo/") for who in (STRANGER, OWNER, "admin")} == {404}
