"""Requests on the auditor's desk, and the numbers by which the log is asked."""

from datetime import timedelta
from uuid import uuid4

import pytest

from access.roles import Role
from law import clock
from processing_log import mandates
from processing_log.actors import Actor
from processing_log.filters import LogFilter
from processing_log.models import Event, Mandate
from retention.acts import number_of
from retention.destruction import destroy_due
from retention.models import Destruction, Run
from retention.services import start_clock
from tests.factories.accounts import JOINED_AT, make_user, sign_in
from tests.factories.mandates import make_mandate
from tests.factories.processing_log import make_event
from tests.factories.subject_requests import make_request

pytestmark = pytest.mark.django_db

WORDS = "Прошу рассказать, откуда у вас телефон моей бабушки"


@pytest.fixture
def vera():
    return make_user(address="vera@example.org", last_name="Ильина")


@pytest.fixture
def seat(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return sign_in(client, make_user(address="auditor@example.org", role=Role.AUDITOR, language="en"))


def narrow(**limits) -> None:
    old = Mandate.objects.get()
    mandates.end(mandate_id=old.pk, how="early", by=uuid4(), at=clock.now())
    make_mandate(auditor=old.auditor, **limits)


def test_request_is_found_by_its_number_and_shows_nobodys_words(seat, vera):
    asked = make_request(subject_id=vera.subject_id, text=WORDS)

    listed = seat.get("/audit/requests/").content.decode()
    page = seat.get("/audit/requests/", {"number": asked.number}, follow=True).content.decode()

    assert asked.number in listed
    assert str(vera.subject_id) in page
    for value in (WORDS, "бабушки", "Ильина", "vera@example.org"):
        assert value not in listed + page
    assert Event.objects.latest("id").reason == f"request={asked.number}"


@pytest.mark.parametrize(
    "limits", [{"purposes": ("retention",)}, {"categories": ("email",)}, {"events_until": JOINED_AT}], ids=str
)
def test_request_beyond_the_mandate_does_not_exist(seat, vera, limits):
    asked = make_request(subject_id=vera.subject_id)
    narrow(**limits)

    assert seat.get(f"/audit/requests/{asked.number}/").status_code == 404
    missed = seat.get("/audit/requests/", {"number": asked.number})
    assert missed.status_code == 404
    assert "holds no request with this number" in missed.content.decode()
    assert Event.objects.latest("id").reason == "requests"  # what was typed is not kept


def test_log_is_asked_by_the_number_of_a_request(vera):
    asked = make_request(subject_id=vera.subject_id)
    make_event(subject=vera.subject_id, reason="2026-999999")

    found = LogFilter(reference=asked.number).events()

    assert {event.subject for event in found} == {vera.subject_id}
    assert all(asked.number in event.reason for event in found)


def test_log_is_asked_by_the_number_of_an_act_and_of_its_line(vera):
    start_clock(subject_id=vera.subject_id, trigger="account_deleted", at=JOINED_AT, actor=Actor.system("test"))
    destroy_due(clock.now() + timedelta(days=1))
    run, line = Run.objects.get(), Destruction.objects.get()

    by_act, by_line = (LogFilter(reference=number).events().get() for number in (number_of(run), line.number))

    assert by_act == by_line
    assert (by_act.subject, by_act.fact) == (vera.subject_id, "subject_destroyed")


def test_acts_beyond_the_mandate_do_not_exist(seat, vera):
    start_clock(subject_id=vera.subject_id, trigger="account_deleted", at=JOINED_AT, actor=Actor.system("test"))
    destroy_due(clock.now() + timedelta(days=1))
    run = Run.objects.get()
    assert seat.get(f"/audit/acts/{run.pk}/act.csv").status_code == 200

    narrow(operations=("extract",))

    assert seat.get(f"/audit/acts/{run.pk}/act.csv").status_code == 404
    assert f"/audit/acts/{run.pk}/" not in seat.get("/audit/acts/").content.decode()
    assert seat.get("/audit/suppressions/").status_code == 403
