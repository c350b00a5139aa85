from uuid import UUID

from celery import shared_task

from accounts import auditors, checkpoint_mail, farewell, order_mails, services
from accounts.models import ResetRequest
from accounts.sessions import SessionStore
from law import clock


@shared_task
def answer_reset_request(request_id: str) -> None:
    services.answer_reset_request(request_id=UUID(request_id), at=clock.now())


@shared_task
def answer_reset_requests() -> int:
    """Those that the broker did not bring to a worker."""
    waiting = list(ResetRequest.objects.order_by("asked_at").values_list("pk", flat=True)[:1000])
    return sum(services.answer_reset_request(request_id=each, at=clock.now()) for each in waiting)


@shared_task
def clear_expired_sessions() -> None:
    SessionStore.clear_expired()


@shared_task
def close_mandates() -> int:
    return auditors.close_ended(clock.now())


@shared_task
def mail_checkpoints() -> int:
    return checkpoint_mail.mail_checkpoints(clock.now())


@shared_task
def warn_before_destruction() -> int:
    at = clock.now()
    return farewell.warn_before_destruction(at) + order_mails.tell_of_orders(at)
