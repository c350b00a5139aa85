"""DueWarning people before their data is destroyed: what goes, when, and what they can still do."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from notifications import services as notifications
from personal_data.scope import processing
from processing_log.actors import Actor
from retention import receipts, warnings
from retention.facts import Fact
from retention.warnings import DueWarning

ACTOR: Final = Actor.system("warn_before_destruction")


def warn_before_destruction(at: datetime) -> int:
    """How many were warned. Can run twice and at once: a warning is claimed in the transaction that sends it."""
    return sum(_warn(warning, at) for warning in list(warnings.due_warnings(at)))


def _warn(warning: DueWarning, at: datetime) -> bool:
    user = User.objects.filter(subject_id=warning.subject_id).first()
    with processing("rights", actor=ACTOR, reason=f"{warning.days}d") as act:
        if user is None or not warnings.claim(warning, at=at):
            return False
        notifications.send(
            subject_id=warning.subject_id,
            template="destruction_warning",
            context={"destroy_on": warning.destroy_on, "number": warning.days, "may_return": user.is_active},
            details={
                "url": settings.BASE_URL + reverse("me:download" if user.is_active else "home"),
                "receipt": receipts.url_for(warning.subject_id),
            },
            language=user.language,
            at=at,
        )
        act.record(Fact.WARNED.value, subject=warning.subject_id)
    return True
