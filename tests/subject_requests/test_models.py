"""The database says no, whoever asks: these writes go past the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError

from personal_data.scope import processing
from subject_requests.kinds import RequestKind, State
from subject_requests.models import Message, Request, RequestStep
from tests.factories.personal_data import make_subject
from tests.factories.subject_requests import CLERK, HOUR, RECEIVED, make_request

pytestmark = pytest.mark.django_db

CLOSED = {"closed_by": CLERK.id, "closed_at": RECEIVED + 3 * HOUR}


@contextmanager
def refuses(constraint: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as refused:
        yield
    cause = refused.value.__cause__
    named = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else str(refused.value)
    assert constraint in str(named)


@pytest.mark.parametrize(
    ("state", "change", "constraint"),
    [
        (State.NEW, {"state": State.TAKEN}, "request_taken_by_somebody"),
        (State.NEW, {"taken_by": CLERK.id, "taken_at": RECEIVED}, "request_taken_by_somebody"),
        (State.NEW, {"due_at": RECEIVED - HOUR}, "request_due_after_received"),
        (State.NEW, {"target_on": RECEIVED.date() + timedelta(days=99)}, "request_target_not_after_due"),
        (State.TAKEN, {"state": State.ANSWERED, "outcome": "informed"}, "request_closed_by_somebody"),
        (State.TAKEN, {"state": State.ANSWERED, **CLOSED}, "request_answered_has_an_outcome"),
        (State.TAKEN, {"state": State.REFUSED, **CLOSED}, "request_refused_names_a_norm"),
        (State.TAKEN, {"taken_at": RECEIVED - HOUR}, "request_taken_by_somebody"),
        (
            State.TAKEN,
            {"state": State.ANSWERED, "outcome": "informed", **CLOSED, "closed_at": RECEIVED},
            "request_closed_by_somebody",
        ),
        (State.TAKEN, {"state": State.ANSWERED, "outcome": "charmed", **CLOSED}, "request_outcome_is_known"),
        (State.NEW, {"state": "lost"}, "request_follows_its_course"),
        (State.NEW, {"state": State.ANSWERED, "outcome": "informed", **CLOSED}, "request_follows_its_course"),
        (State.ANSWERED, {"state": State.TAKEN}, "request_follows_its_course"),
        (State.ANSWERED, {"closed_at": RECEIVED + 9 * HOUR}, "request_follows_its_course"),
        (State.REFUSED, {"refusal_norm": "152-FZ 14.8(1)"}, "request_follows_its_course"),
        (State.NEW, {"number": "2026-999999"}, "request_keeps_what_was_received"),
        (State.NEW, {"received_at": RECEIVED + HOUR}, "request_keeps_what_was_received"),
        (State.NEW, {"kind": "destruction"}, "request_keeps_what_was_received"),
    ],
)
def test_database_refuses_a_request_that_leaves_its_course(state, change, constraint):
    filed = make_request(state=state)

    with refuses(constraint):
        Request.objects.filter(pk=filed.pk).update(**change)


def test_database_refuses_a_request_that_starts_in_the_middle():
    filed = make_request()
    filed.pk, filed.number, filed.state = None, "2026-777777", State.TAKEN
    filed.taken_by, filed.taken_at = CLERK.id, RECEIVED

    with refuses("request_follows_its_course"):
        filed.save(force_insert=True)


def test_database_refuses_to_forget_a_request():
    filed = make_request(state=State.ANSWERED)

    with refuses("request_follows_its_course"):
        Request.objects.filter(pk=filed.pk)._raw_delete(using="default")


def test_database_refuses_a_second_open_request_for_destruction():
    filed = make_request(kind=RequestKind.DESTRUCTION)
    filed.pk, filed.number = make_subject().pk, "2026-777777"

    with refuses("request_one_open_destruction"):
        filed.save(force_insert=True)


def test_database_refuses_the_same_number_twice():
    filed = make_request()
    filed.pk = make_subject().pk

    with refuses("subject_requests_request_number_key"):
        filed.save(force_insert=True)


@pytest.mark.parametrize("act", ["update", "delete"])
def test_database_refuses_to_rewrite_the_history(act):
    steps = RequestStep.objects.filter(request=make_request())

    with refuses("request_history_is_append_only"):
        if act == "update":
            steps.update(actor_id="somebody else")
        else:
            steps.delete()


def test_database_refuses_words_of_one_person_in_the_request_of_another():
    filed, stranger = make_request(), make_subject()

    with refuses("message_is_of_the_requests_subject"), processing("rights", actor=CLERK):
        Message.objects.create(request=filed, subject=stranger, author="person", written_at=RECEIVED, text="не туда")


def test_database_refuses_undeclared_words():
    filed = make_request()

    with pytest.raises(Exception, match="undeclared"):
        Message.objects.filter(request=filed).delete()
