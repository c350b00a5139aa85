"""The database says no, whoever asks: these writes go past the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from personal_data.scope import processing
from subject_requests.kinds import CLOSED_STATES, TRANSITIONS, RequestKind, State
from subject_requests.models import Message, Request, RequestClock, RequestStep
from tests.factories.personal_data import make_subject
from tests.factories.subject_requests import CLERK, COLLEAGUE, HOUR, RECEIVED, make_request

pytestmark = pytest.mark.django_db

CLOSED = {"closed_by": CLERK.id, "closed_at": RECEIVED + 3 * HOUR}


@contextmanager
def refuses(constraint: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as refused:
        yield
    cause = refused.value.__cause__
    named = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else str(refused.value)
    assert constraint in str(named)


BY, OTHER = CLERK.id, COLLEAGUE.id
#: What a row of a state holds beside its state, so that the course alone decides.
NOBODY = {"taken_by": None, "taken_at": None}
SOMEBODY = {"taken_by": BY, "taken_at": RECEIVED + HOUR}
UNDECIDED = {"proposed_by": None, "proposed_at": None, "refusal_norm": ""}
DECIDED = {"proposed_by": BY, "proposed_at": RECEIVED + HOUR, "refusal_norm": "152-FZ 14.3"}
OPEN = {"closed_by": None, "closed_at": None}
ENDED = {"closed_by": OTHER, "closed_at": RECEIVED + 9 * HOUR}
COLUMNS: dict[State, dict[str, Any]] = {
    State.NEW: NOBODY | UNDECIDED | OPEN,
    State.TAKEN: SOMEBODY | UNDECIDED | OPEN,
    State.WAITING: SOMEBODY | UNDECIDED | OPEN,
    State.PROPOSED: SOMEBODY | DECIDED | OPEN,
    State.ANSWERED: SOMEBODY | UNDECIDED | ENDED | {"outcomes": ["informed"]},
    State.REFUSED: SOMEBODY | DECIDED | ENDED,
    State.WITHDRAWN: SOMEBODY | UNDECIDED | ENDED,
}
MOVE = "UPDATE subject_requests_request SET state = %s, {} WHERE id = %s"


def move_by_sql(filed: Request, after: State) -> None:
    columns = COLUMNS[after]
    with connection.cursor() as cursor:
        cursor.execute(
            MOVE.format(", ".join(f"{name} = %s" for name in columns)), [after.value, *columns.values(), filed.pk]
        )


def answer_of_the_database(filed: Request, after: State) -> str:
    """What it says against the move, up to the comma; the move is taken back."""
    savepoint = transaction.savepoint()
    try:
        with transaction.atomic():
            move_by_sql(filed, after)
    except IntegrityError as refused:
        return str(refused).partition(",")[0]
    finally:
        transaction.savepoint_rollback(savepoint)
    return ""


def test_tests_write_as_the_application():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("portal_app",)


@pytest.mark.parametrize("before", State)
def test_database_lets_a_request_go_from_state_to_state_as_it_is_written_and_no_other_way(before):
    filed = make_request(state=before)

    answers = {after: answer_of_the_database(filed, after) for after in set(State) - {before}}

    refused = "a request goes from state to state as it is written"
    assert answers == {after: "" if after in TRANSITIONS[before] else refused for after in answers}


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_database_refuses_to_change_a_request_that_is_closed(state):
    filed = make_request(state=state)

    with refuses("request_follows_its_course"):
        Request.objects.filter(pk=filed.pk).update(closed_at=RECEIVED + 10 * HOUR)


@pytest.mark.parametrize(
    ("state", "change", "constraint"),
    [
        (State.NEW, {"state": State.TAKEN}, "request_taken_by_somebody"),
        (State.NEW, {"taken_by": CLERK.id, "taken_at": RECEIVED}, "request_taken_by_somebody"),
        (State.NEW, {"due_at": RECEIVED - HOUR}, "request_due_after_received"),
        (State.NEW, {"target_on": RECEIVED.date() + timedelta(days=99)}, "request_target_not_after_due"),
        (State.TAKEN, {"state": State.ANSWERED, "outcomes": ["informed"]}, "request_closed_by_somebody"),
        (State.TAKEN, {"state": State.ANSWERED, **CLOSED}, "request_answered_has_an_outcome"),
        (State.TAKEN, {"state": State.PROPOSED}, "request_refused_names_a_norm"),
        (State.PROPOSED, {"state": State.REFUSED, **CLOSED}, "request_refused_by_two"),
        (State.PROPOSED, {"state": State.REFUSED, **CLOSED, "closed_by": None}, "request_closed_by_somebody"),
        (State.TAKEN, {"taken_at": RECEIVED - HOUR}, "request_taken_by_somebody"),
        (
            State.TAKEN,
            {"state": State.ANSWERED, "outcomes": ["informed"], **CLOSED, "closed_at": RECEIVED},
            "request_closed_by_somebody",
        ),
        (State.TAKEN, {"state": State.ANSWERED, "outcomes": ["charmed"], **CLOSED}, "request_outcomes_are_known"),
        (State.NEW, {"kinds": ["access", "magic"]}, "request_kinds_are_known"),
        (State.NEW, {"kinds": []}, "request_keeps_what_was_received"),
        (State.NEW, {"kinds": ["destruction"]}, "request_keeps_what_was_received"),
        (State.NEW, {"number": "2026-999999"}, "request_keeps_what_was_received"),
        (State.NEW, {"received_at": RECEIVED + HOUR}, "request_keeps_what_was_received"),
        (State.NEW, {"identity": "none"}, "request_keeps_what_was_received"),
        (State.NEW, {"identity": "document"}, "request_identity_is_established_somehow"),
        (State.NEW, {"authority_checked_at": RECEIVED}, "request_authority_is_checked_by_somebody"),
        (State.NEW, {"paper_sheets": 2}, "request_paper_has_a_place_and_sheets"),
    ],
)
def test_database_refuses_a_request_that_is_not_whole(state, change, constraint):
    filed = make_request(state=state)

    with refuses(constraint):
        Request.objects.filter(pk=filed.pk).update(**change)


def test_database_refuses_an_answer_to_a_representative_whose_authority_nobody_checked():
    filed = make_request(state=State.TAKEN, by_representative=True)

    with refuses("request_representative_is_checked_before_the_answer"):
        Request.objects.filter(pk=filed.pk).update(state=State.ANSWERED, outcomes=["informed"], **CLOSED)


def test_database_refuses_a_request_that_starts_in_the_middle():
    filed = make_request()
    filed.pk, filed.number, filed.state = None, "2026-777777", State.TAKEN
    filed.taken_by, filed.taken_at = CLERK.id, RECEIVED

    with refuses("request_follows_its_course"):
        filed.save(force_insert=True)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"started_at": RECEIVED + HOUR}, "request_clock_keeps_its_term"),
        ({"rule": "D13"}, "request_clock_keeps_its_term"),
        ({"due_at": RECEIVED + 999 * HOUR}, "request_clock_keeps_its_term"),
        ({"extension": 50}, "request_clock_keeps_its_term"),
        ({"met_at": RECEIVED}, "request_clock_met_somehow"),
        (
            {"extended_at": RECEIVED, "extended_by": CLERK.id, "notice": CLERK.id, "due_at": RECEIVED + 999 * HOUR},
            "request_clock_extended_once_in_time",
        ),
    ],
)
def test_database_refuses_a_clock_that_is_moved(change, constraint):
    filed = make_request()

    with refuses(constraint):
        RequestClock.objects.filter(request=filed).update(**change)


def test_database_refuses_to_start_a_clock_that_was_stopped():
    filed = make_request(state=State.ANSWERED)

    with refuses("request_clock_keeps_its_term"):
        RequestClock.objects.filter(request=filed).update(met_at=None, how="")


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
        Message.objects.create(
            request=filed, subject=stranger, author="person", written_at=RECEIVED, shown_at=RECEIVED, text="не туда"
        )


def test_database_refuses_undeclared_words():
    filed = make_request()

    with pytest.raises(Exception, match="undeclared"):
        Message.objects.filter(request=filed).delete()
