"""Who works at the desk: who is away, who stands in, who may be given a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from access.roles import Role
from accounts.models import Profile, User
from law.deadlines import operator_zone
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests.facts import Fact
from subject_requests.models import Absence

PURPOSE: Final = "staff"
#: Those whose work the answers are; an administrator may look at the queue.
ANSWERING: Final = frozenset({Role.STAFF, Role.OFFICER})


class BadDays(ValueError):
    """The absence ends before it starts, or the deputy is who is away."""


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody of the desk, by name. Made inside of processing(): names are opened."""

    id: UUID
    name: str
    role: str
    is_away: bool


def answering_users() -> "list[User]":
    return list(User.objects.filter(role__in=ANSWERING, is_active=True).order_by("date_joined", "pk"))


def today(at: datetime) -> date:
    return at.astimezone(operator_zone()).date()


def stands_in_for(user_id: UUID, *, at: datetime) -> list[UUID]:
    """Whose requests the user has in hand today besides their own."""
    return list(Absence.objects.on(today(at)).filter(deputy=user_id).values_list("absentee", flat=True))


def deputy_of(user_id: UUID, *, at: datetime) -> UUID | None:
    return Absence.objects.on(today(at)).filter(absentee=user_id).values_list("deputy", flat=True).first()


def colleagues(*, actor: Actor, at: datetime) -> Sequence[Colleague]:
    """By name, so that one can be told from another: the log keeps that the names were opened."""
    users = answering_users()
    away = set(Absence.objects.on(today(at)).values_list("absentee", flat=True))
    with processing(PURPOSE, actor=actor):
        profiles = {each.subject_id: each for each in Profile.objects.filter(subject__in=[u.subject_id for u in users])}
        return [
            Colleague(
                id=user.pk,
                name=_name(profiles.get(user.subject_id)) or short(user.pk),
                role=str(Role(user.role).label),
                is_away=user.pk in away,
            )
            for user in users
        ]


def enter_absence(
    *, absentee: UUID, deputy: UUID, from_on: date, until_on: date, actor: Actor, at: datetime
) -> Absence:
    """Raises BadDays."""
    if until_on < from_on or deputy == absentee:
        raise BadDays
    with processing(PURPOSE, actor=actor) as act:
        entered = Absence.objects.create(
            absentee=absentee,
            deputy=deputy,
            from_on=from_on,
            until_on=until_on,
            entered_by=UUID(actor.id),
            entered_at=at,
        )
        act.record(Fact.ABSENCE_ENTERED.value)
    return entered


def cancel_absence(*, absence_id: int, actor: Actor, at: datetime) -> bool:
    with processing(PURPOSE, actor=actor) as act:
        if not Absence.objects.filter(pk=absence_id, cancelled_at=None).update(cancelled_at=at):
            return False
        act.record(Fact.ABSENCE_CANCELLED.value)
    return True


def short(reference: UUID | str | None) -> str:
    """Enough of a pseudonymous reference to tell rows apart."""
    return str(reference)[:8] if reference else ""


def _name(profile: Profile | None) -> str:
    if profile is None:
        return ""
    return " ".join(part for part in (profile.first_name, profile.last_name) if part)
