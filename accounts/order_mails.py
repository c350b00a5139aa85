"""Mails about orders to destroy a part of somebody's data: that one waits for its day, and that it is off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from accounts.models import User
from notifications import services as notifications
from personal_data.scope import processing
from processing_log.actors import Actor
from retention import order_notices, rules
from retention.facts import Fact
from retention.order_notices import Notice

ACTOR: Final = Actor.system("tell_of_orders")


@dataclass(frozen=True, kw_only=True)
class _Kind:
    claim: Callable[[UUID, datetime], Notice | None]
    template: str
    fact: Fact


_WAITS: Final = _Kind(claim=order_notices.claim, template="part_order", fact=Fact.TOLD_OF_ORDER)
_IS_OFF: Final = _Kind(claim=order_notices.claim_off, template="part_order_off", fact=Fact.TOLD_ORDER_IS_OFF)


def tell_of_orders(at: datetime) -> int:
    """How many mails were put into the outbox. Can run twice and at once."""
    return _tell_all(_WAITS, order_notices.to_tell(at), at) + _tell_all(_IS_OFF, order_notices.to_tell_off(), at)


def _tell_all(kind: _Kind, orders: Sequence[tuple[UUID, UUID]], at: datetime) -> int:
    whose = {subject_id for _order, subject_id in orders}
    users = {user.subject_id: user for user in User.objects.filter(subject_id__in=whose)}
    return sum(_tell(kind, users[subject_id], order_id, at) for order_id, subject_id in orders if subject_id in users)


def _tell(kind: _Kind, user: User, order_id: UUID, at: datetime) -> bool:
    with processing("rights", actor=ACTOR, reason="part") as act:
        notice = kind.claim(order_id, at)
        if notice is None:
            return False
        with override(user.language):
            what, why = "; ".join(rules.category_titles(notice.categories)), str(notice.norm.label)
        notifications.send(
            subject_id=user.subject_id,
            template=kind.template,
            context={
                "destroy_on": notice.destroy_on,
                "number": notice.number,
                "is_held": notice.is_held,
                "may_take": user.is_active,
            },
            details={"what": what, "why": why, "url": _url_of(user)},
            language=user.language,
            at=at,
        )
        act.record(
            kind.fact.value,
            subject=user.subject_id,
            categories=notice.categories,
            reason=f"{notice.norm.value} {notice.order_id}",
        )
    return True


def _url_of(user: User) -> str:
    return settings.BASE_URL + reverse("me:home" if user.is_active else "home")
