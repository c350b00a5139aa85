"""Made answers, in each state of their course."""

from datetime import datetime, timedelta
from uuid import UUID

from subject_requests.answers import giving, making
from subject_requests.kinds import State
from subject_requests.models import AnswerSet, Request
from subject_requests.services import answer
from tests.factories.subject_requests import CLERK, HOUR, RECEIVED, make_request

ASKED = RECEIVED + 2 * HOUR
GIVEN = RECEIVED + 3 * HOUR


def make_taken_request(*, subject_id: UUID | None = None, language: str = "ru") -> Request:
    return make_request(subject_id=subject_id, state=State.TAKEN, language=language)


def make_answer_set(
    *, request: Request | None = None, at: datetime = ASKED, left_out: tuple[UUID, ...] = ()
) -> AnswerSet:
    """Ready, and given to nobody yet."""
    request = request or make_taken_request()
    asked = making.ask_for(request_id=request.pk, actor=CLERK, at=at, left_out=left_out)
    assert making.make(asked.pk, at=at + timedelta(minutes=1))
    asked.refresh_from_db()
    return asked


def make_given_answer(*, subject_id: UUID | None = None, language: str = "ru") -> AnswerSet:
    """Given with the answer to its request."""
    made = make_answer_set(request=make_taken_request(subject_id=subject_id, language=language))
    giving.attach(answer_id=made.pk, actor=CLERK, at=ASKED + HOUR / 2)
    answer(request_id=made.request_id, text="Ответ приложен.", actor=CLERK, at=GIVEN)
    made.refresh_from_db()
    return made
