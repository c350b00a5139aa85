"""Requests in each state of their course, made by the acts themselves."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from processing_log.actors import Actor, ActorKind
from subject_requests import services
from subject_requests.kinds import RequestKind, State
from subject_requests.models import Request
from tests.factories.personal_data import make_subject, person

RECEIVED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLERK = Actor(kind=ActorKind.STAFF, id="11111111-1111-4111-8111-111111111111")
COLLEAGUE = Actor(kind=ActorKind.STAFF, id="22222222-2222-4222-8222-222222222222")


def make_request(
    *,
    subject_id: UUID | None = None,
    kind: RequestKind = RequestKind.ACCESS,
    text: str = "Какие данные обо мне у вас есть?",
    language: str = "ru",
    received_at: datetime = RECEIVED,
    state: State = State.NEW,
    by: Actor = CLERK,
) -> Request:
    """Later states follow an hour after each other."""
    subject_id = subject_id or make_subject().id
    filed = services.file_request(
        subject_id=subject_id, kind=kind, text=text, language=language, actor=person(subject_id), at=received_at
    )
    taken_at, closed_at = received_at + HOUR, received_at + 2 * HOUR
    if state != State.NEW:
        services.take(request_id=filed.pk, actor=by, at=taken_at)
    if state == State.ANSWERED:
        services.answer(request_id=filed.pk, text="Вот ответ.", actor=by, at=closed_at)
    if state == State.REFUSED:
        norm = "152-FZ 14.8(4)" if kind == RequestKind.ACCESS else "152-FZ 21.5"
        services.refuse(request_id=filed.pk, norm=norm, text="Вот почему.", actor=by, at=closed_at)
    filed.refresh_from_db()
    return filed
