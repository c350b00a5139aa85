from uuid import UUID

from celery import shared_task

from law import clock
from subject_requests.answers import making


@shared_task
def make_answer(answer_id: str) -> bool:
    """Can be lost, repeated, or run twice at once: who claims the row makes it."""
    return making.make(UUID(answer_id), at=clock.now())


@shared_task
def make_waiting_answers() -> int:
    return making.make_waiting(at=clock.now())
