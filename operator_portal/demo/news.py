"""One advertising mail, so that the demo shows what such a mail carries, whom it reaches and what stops it."""

from datetime import datetime

import profiles
from access.roles import Role
from accounts.models import User
from notifications import services as notifications
from operator_portal.demo.kinds import NEWS as TEMPLATE
from operator_portal.demo.kinds import NEWS_PURPOSE as PURPOSE

__all__ = ["PURPOSE", "TEMPLATE", "is_possible", "send_news"]


def is_possible() -> bool:
    return PURPOSE in profiles.current().purposes


def send_news(at: datetime) -> int:
    """Puts it into the outbox for everybody whose consent is in force. Who is left out then, the outbox says."""
    willing = User.objects.filter(
        role=Role.USER, subject__open_purposes__contains=[PURPOSE], subject__destroyed_at=None
    ).order_by("date_joined", "pk")
    for user in willing:
        notifications.send(
            subject_id=user.subject_id, template=TEMPLATE, language=user.language, purpose=PURPOSE, at=at
        )
    return len(willing)
