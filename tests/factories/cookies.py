"""Choices of cookies as they lie in the database, whatever the profile leaves to choose."""

from datetime import timedelta
from uuid import uuid4

from cookies.models import CookieChoice, Shown
from cookies.registry import sha256_of
from law import clock

ABOUT = '{"analytics":{"hosts":["mc.yandex.ru"]}}'


def make_refusal() -> CookieChoice:
    at = clock.now()
    about, _made = Shown.objects.get_or_create(
        pk=sha256_of(ABOUT), defaults={"kind": Shown.Kind.REGISTRY, "content": ABOUT, "at": at}
    )
    return CookieChoice.objects.create(
        consent_id=uuid4(),
        refused=["analytics"],
        registry=about,
        language="ru",
        method=CookieChoice.Method.PAGE,
        at=at,
        ends_at=at + timedelta(days=1095),
    )
