"""What the auditor's desk has to show: a mandate in force, one that waits for a second person, one that was ended, and
reads that its rules point at."""

from datetime import datetime, timedelta
from typing import Final

from access.roles import Role
from accounts import auditors
from accounts.models import MailAddress, Profile, User
from operator_portal.demo import people
from personal_data.scope import processing
from processing_log.models import Mandate

LASTS: Final = timedelta(days=300)


def play(*, staff: User, officer: User, admin: User, others: list[User], now: datetime) -> None:
    [auditor] = [account for account in people.ACCOUNTS if account.role is Role.AUDITOR]
    whole = _propose(auditor.email, staff, now)
    auditors.agree(mandate_id=whole.pk, by=officer.actor, at=now)
    _propose("proverka@example.org", officer, now, operations=["destroy"], purposes=["retention"])
    ended = _propose("byvshiy.auditor@example.org", admin, now, operations=["extract", "transfer"])
    auditors.agree(mandate_id=ended.pk, by=officer.actor, at=now)
    auditors.end(mandate_id=ended.pk, by=officer.actor, at=now)
    _curiosity(staff, officer, others)


def _propose(address: str, by: User, now: datetime, **limits: list[str]) -> Mandate:
    mandate = Mandate(
        events_since=now - timedelta(days=365), begins_at=now - timedelta(hours=1), ends_at=now + LASTS, **limits
    )
    return auditors.propose(address=address, language="ru", mandate=mandate, by=by.actor, at=now)


def _curiosity(staff: User, officer: User, others: list[User]) -> None:
    """Staff look a colleague up for the work with consents, and one of them opens a whole list of people."""
    with processing("security", actor=officer.actor, reason="misuse"):
        _ = MailAddress.objects.get(subject_id=staff.subject_id).address
    for user in others:
        with processing("rights", actor=staff.actor, reason="consent"):
            profile = Profile.objects.filter(subject_id=user.subject_id).first()
            _ = profile.last_name if profile else None
