from uuid import UUID

from celery import shared_task

from law import clock
from notifications import dispatch


@shared_task
def send_mail(mail_id: str) -> None:
    dispatch.dispatch(UUID(mail_id), at=clock.now())


@shared_task
def send_due_mail() -> int:
    at = clock.now()
    dispatch.flag_mail_in_doubt(at=at)
    return dispatch.dispatch_due(at=at)
