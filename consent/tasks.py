from celery import shared_task

from consent import wishes


@shared_task
def write_down_wishes() -> None:
    wishes.pay()
