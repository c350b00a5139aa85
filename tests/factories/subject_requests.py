"""Requests in each state of their course, made by the acts themselves."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
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
OFFICER = Actor(kind=ActorKind.OFFICER, id="33333333-3333-4333-8333-333333333333")
NORM = "152-FZ 14.3"


def make_request(
    *,
    subject_id: UUID | None = None,
    kind: RequestKind = RequestKind.ACCESS,
    kinds: Sequence[RequestKind] = (),
    text: str = "Какие данные обо мне у вас есть?",
    language: str = "ru",
    received_at: datetime = RECEIVED,
    state: State = State.NEW,
    by: Actor = CLERK,
    **more: Any,
) -> Request:
    """Later states follow an hour after each other."""
    subject_id = subject_id or make_subject().id
    filed = services.file_request(
        subject_id=subject_id,
        kinds=kinds or [kind],
        text=text,
        language=language,
        actor=more.pop("actor", None) or person(subject_id),
        at=received_at,
        **more,
    )
    move(filed, state, by=by, at=received_at + HOUR)
    filed.refresh_from_db()
    return filed


def move(filed: Request, state: State, *, by: Actor = CLERK, at: datetime = RECEIVED + HOUR) -> None:
    """A new request to any state, by the acts themselves. What the portal has answered by itself stays answered."""
    if not filed.is_open:
        return
    if state == State.WITHDRAWN:
        services.withdraw(request_id=filed.pk, actor=person(filed.subject_id), at=at)
    elif state != State.NEW:
        services.take(request_id=filed.pk, actor=by, at=at)
    if state == State.ANSWERED:
        _answer(filed, by, at)
    if state == State.WAITING:
        services.ask(request_id=filed.pk, text="Уточните, пожалуйста.", actor=by, at=at + HOUR)
    if state in (State.PROPOSED, State.REFUSED):
        services.propose_refusal(request_id=filed.pk, norm=NORM, text="Вот почему.", actor=by, at=at + HOUR)
    if state == State.REFUSED:
        services.confirm_refusal(request_id=filed.pk, actor=OFFICER, at=at + HOUR)


def _answer(filed: Request, by: Actor, at: datetime) -> None:
    if filed.asks(RequestKind.UNNEEDED):
        services.choose_parts(request_id=filed.pk, chosen=services.Chosen(everything=True), actor=by, at=at)
    services.answer(request_id=filed.pk, text="Вот ответ.", actor=by, at=at + HOUR)
