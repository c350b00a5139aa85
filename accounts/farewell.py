"""Warning people before their data, or a part of it, is destroyed: what goes, when, and what they can still do."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from accounts.models import User
from notifications import services as notifications
from personal_data.scope import processing
from processing_log.actors import Actor
from retention import part_warnings, receipts, rules, warnings
from retention.facts import Fact
from retention.part_warnings import EndingPart
from retention.warnings import DueWarning

ACTOR: Final = Actor.system("warn_before_destruction")


def warn_before_destruction(at: datetime) -> int:
    """How many mails were put into the outbox. Can run twice and at once: a warning is claimed in the transaction that
    sends it."""
    warned = sum(_warn(warning, at) for warning in list(warnings.due_warnings(at)))
    users = User.objects.filter(subject_id__in=part_warnings.people(at))
    return warned + sum(_warn_of_parts(user, at) for user in users.select_related("subject"))


def _warn(warning: DueWarning, at: datetime) -> bool:
    user = User.objects.filter(subject_id=warning.subject_id).first()
    with processing("rights", actor=ACTOR, reason=f"{warning.days}d") as act:
        if user is None or not warnings.claim(warning, at=at):
            return False
        said = {"destroy_on": warning.destroy_on, "number": warning.days}
        _send_farewell(user, said | ({"kept_on": warning.kept_on} if warning.kept_on else {}), at)
        act.record(Fact.WARNED.value, subject=warning.subject_id)
    return True


def _warn_of_parts(user: User, at: datetime) -> int:
    with processing("rights", actor=ACTOR, reason="part") as act:
        ending = part_warnings.claim(user.subject_id, at)
        for part in ending:
            _tell(user, part, at)
            act.record(Fact.WARNED.value, subject=user.subject_id, categories=part.categories, reason=f"{part.days}d")
    return len(ending)


def _tell(user: User, part: EndingPart, at: datetime) -> None:
    said = {"destroy_on": part.destroy_on, "number": part.days}
    if part.is_everything:
        _send_farewell(user, said, at)
        return
    with override(user.language):
        what = "; ".join(rules.category_titles(part.categories))
    notifications.send(
        subject_id=user.subject_id,
        template="part_warning",
        context={**said, "may_take": user.is_active},
        details={"what": what, "url": _url_of(user)},
        language=user.language,
        at=at,
    )


def _send_farewell(user: User, said: dict[str, object], at: datetime) -> None:
    notifications.send(
        subject_id=user.subject_id,
        template="destruction_warning",
        context={**said, "may_return": user.is_active},
        details={"url": _url_of(user), "receipt": receipts.url_for(user.subject_id)},
        language=user.language,
        at=at,
    )


def _url_of(user: User) -> str:
    return settings.BASE_URL + reverse("me:download" if user.is_active else "home")
