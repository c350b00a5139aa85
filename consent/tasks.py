from celery import shared_task

from consent import wish_ledger


@shared_task
def write_down_wishes() -> None:
    wish_ledger.pay()
