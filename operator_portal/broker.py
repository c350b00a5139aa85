"""The broker by Redis's own client: Celery writes the address of a socket in a way of its own."""

import redis
from django.conf import settings


def client(*, timeout: float = 2) -> redis.Redis:
    return redis.Redis.from_url(plain_url(settings.CELERY_BROKER_URL), socket_timeout=timeout)


def plain_url(url: str) -> str:
    return url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
