"""Inviting auditors: one person proposes, a privacy officer or the administrator agrees within a day, and the seat
closes by itself. What the auditor may see is a mandate of the processing log; their address is sealed as others are."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from access.roles import Role
from accounts import border, links
from accounts.facts import Fact
from accounts.models import User
from accounts.services import STAFF_LEFT, AddressTaken, close_staff_account, create_user
from accounts.sessions import end_sessions
from notifications import services as notifications
from personal_data.scope import processing
from processing_log import mandates
from processing_log.actors import Actor
from processing_log.models import Mandate
from retention.models import Clock

PURPOSE: Final = "staff"
#: Who may agree: not who proposed.
DECIDING: Final = frozenset({Role.OFFICER, Role.ADMIN})
JOB: Final = "close_mandates"


class InvitedAlready(Exception):
    """They have a mandate, or one waits for the second person: it is ended first."""


class SecondPersonNeeded(PermissionError):
    """Whoever proposes cannot agree, and only privacy officers and the administrator can."""


class NothingWaits(LookupError):
    """It was agreed to or ended before, or the day for agreeing is over."""


def propose(*, address: str, language: str, mandate: Mandate, by: Actor, at: datetime) -> Mandate:
    """`mandate` says what and how long; who and when is filled in here. Nobody is written to yet, nobody can sign in.
    Raises AddressTaken, InvitedAlready."""
    close_ended(at)
    with processing(PURPOSE, actor=by) as act:
        user = _auditor(address, language, by, at)
        mandate.auditor, mandate.proposed_by, mandate.proposed_at = user.pk, UUID(by.id), at
        try:
            with transaction.atomic():
                mandate.save(force_insert=True)
        except IntegrityError as error:
            if "mandate_one_an_auditor" in str(error):
                raise InvitedAlready from None
            raise
        act.record(Fact.AUDIT_PROPOSED.value, subject=user.subject_id, reason=_codes(mandate))
    return mandate


def agree(*, mandate_id: UUID, by: Actor, at: datetime) -> Mandate:
    """The second person's yes: the auditor is written to. Raises SecondPersonNeeded, NothingWaits."""
    mandate = Mandate.objects.get(pk=mandate_id)
    if str(mandate.proposed_by) == by.id or Role(by.kind.value) not in DECIDING:
        raise SecondPersonNeeded(str(mandate_id))
    user = User.objects.get(pk=mandate.auditor)
    with processing(PURPOSE, actor=by, reason=_codes(mandate)) as act:
        if not mandates.confirm(mandate_id=mandate_id, by=UUID(by.id), at=at):
            raise NothingWaits(str(mandate_id))
        User.objects.filter(pk=user.pk).update(is_active=True)
        act.record(Fact.AUDIT_AGREED.value, subject=user.subject_id)
        mandate.refresh_from_db()
        _invite(user, mandate, at)
    return mandate


def end(*, mandate_id: UUID, by: Actor, at: datetime) -> Mandate:
    """Before its time; of one that waits, the second person's no. Raises NothingWaits."""
    mandate = Mandate.objects.get(pk=mandate_id)
    how = Mandate.End.EARLY if mandate.confirmed_at else Mandate.End.REFUSED
    if not _close(mandate, how=how, by=by, at=at):
        raise NothingWaits(str(mandate_id))
    mandate.refresh_from_db()
    return mandate


def close_ended(at: datetime) -> int:
    """Those whose time is over, and proposals that nobody agreed to. What they see has ended before, by itself."""
    job = Actor.system(JOB)
    lapsed = sum(_close(each, how=Mandate.End.LAPSED, by=job, at=at) for each in mandates.lapsed(at))
    return lapsed + sum(_close(each, how=Mandate.End.OVER, by=job, at=at) for each in mandates.over(at))


def _auditor(address: str, language: str, by: Actor, at: datetime) -> User:
    found = User.objects.filter(email=border.token(address)).first()
    if found is None:
        user = create_user(address=address, role=Role.AUDITOR, language=language, at=at, by=by)
        User.objects.filter(pk=user.pk).update(is_active=False)
        return user
    if found.role != Role.AUDITOR:
        raise AddressTaken
    return found


def _invite(user: User, mandate: Mandate, at: datetime) -> None:
    url = links.to("audit:events") if user.has_usable_password() else links.to_new_password(user)
    notifications.send(
        subject_id=user.subject_id,
        template="auditor_invitation",
        context={
            "begins_at": mandate.begins_at,
            "ends_at": mandate.ends_at,
            "is_new": not user.has_usable_password(),
        },
        details={"url": url},
        language=user.language,
        purpose="security",
        at=at,
    )


def _close(mandate: Mandate, *, how: Mandate.End, by: Actor, at: datetime) -> bool:
    """Open browsers are signed out. The account goes too: whoever audits again is invited again."""
    user = User.objects.filter(pk=mandate.auditor).first()
    with processing(PURPOSE, actor=by) as act:
        by_id = None if by.id == JOB else UUID(by.id)
        if not mandates.end(mandate_id=mandate.pk, how=how.value, by=by_id, at=at):
            return False
        subject_id = user.subject_id if user else None
        act.record(Fact.AUDIT_ENDED.value, subject=subject_id, reason=f"{how.value} {_codes(mandate)}")
        if user and not _is_closed(user):
            end_sessions(user)
            close_staff_account(user=user, at=at, by=by)
    return True


def _is_closed(user: User) -> bool:
    """By hand, before the mandate ended."""
    return Clock.objects.running().filter(subject_id=user.subject_id, trigger=STAFF_LEFT).exists()


def _codes(mandate: Mandate) -> str:
    """What was agreed, in the log itself: whoever changes the row afterwards contradicts it."""
    scope = mandates.scope_of(mandate).in_codes()
    return f"mandate={mandate.pk} until={mandate.ends_at.isoformat()} {scope}"
