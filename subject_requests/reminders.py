"""What tells the staff by itself: the morning's digest, and that a term is about to end. Numbers and links only."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from access.roles import Role
from accounts.models import User
from law.calendar import ProductionCalendar
from law.deadlines import operator_zone
from notifications.services import send
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import staff
from subject_requests.board import Bucket, counts
from subject_requests.facts import Fact
from subject_requests.models import Digest, RequestClock
from subject_requests.staff import PURPOSE

REMINDER: Final = Actor.system("desk")
#: Escalated so many working days before the term ends.
AHEAD: Final = 2
MORNING: Final = time(8, 30)


def send_digests(*, at: datetime) -> int:
    """On working days, from half past eight by the operator's clock, to each who answers, once."""
    local = at.astimezone(operator_zone())
    if local.time() < MORNING or not ProductionCalendar.current().is_working_day(local.date()):
        return 0
    return sum(_send_digest(user, at) for user in staff.answering_users())


def escalate(*, at: datetime) -> int:
    """Tells whoever has the request in hand, their deputy, and the privacy officers, once for each term. How many
    terms."""
    calendar = ProductionCalendar.current()
    until = calendar.nth_working_day(staff.today(at), AHEAD)
    near = RequestClock.objects.running().filter(escalated_at=None, due_on__lte=until, request__closed_at=None)
    return sum(_escalate(clock, at) for clock in near.select_related("request").order_by("due_at"))


def _send_digest(user: User, at: datetime) -> bool:
    mine = counts(at=at, holders=[user.pk, *staff.stands_in_for(user.pk, at=at)])
    everybody = counts(at=at)
    try:
        with transaction.atomic():
            Digest.objects.create(user=user.pk, day=staff.today(at))
            _mail(
                user,
                "desk_digest",
                at,
                {
                    "day_on": staff.today(at).isoformat(),
                    "overdue": everybody[Bucket.OVERDUE],
                    "today": everybody[Bucket.TODAY],
                    "week": everybody[Bucket.WEEK],
                    "untaken": everybody["untaken"],
                    "second": everybody[Bucket.SECOND],
                    "my_overdue": mine[Bucket.OVERDUE],
                    "my_today": mine[Bucket.TODAY],
                    "my_week": mine[Bucket.WEEK],
                    "url": f"{settings.BASE_URL}/admin/",
                },
            )
    except IntegrityError:
        return False  # sent already
    return True


def _escalate(clock: RequestClock, at: datetime) -> bool:
    request = clock.request
    with processing(PURPOSE, actor=REMINDER, reason=request.number) as act:
        if not RequestClock.objects.filter(pk=clock.pk, escalated_at=None, met_at=None).update(escalated_at=at):
            return False
        page = f"{settings.BASE_URL}/admin/subject_requests/request/{request.pk}/change/"
        for user in _in_charge(request.taken_by, at):
            context = {"number": request.number, "rule": clock.rule, "due_on": clock.due_on.isoformat(), "url": page}
            _mail(user, "desk_escalation", at, context)
        act.record(Fact.REQUEST_ESCALATED.value, reason=request.number)
    return True


def _in_charge(holder: UUID | None, at: datetime) -> Iterable[User]:
    """The one who has it, who stands in for them, and the officers; with nobody in charge, everybody who answers."""
    users = staff.answering_users()
    if holder is None:
        return users
    wanted = {holder, staff.deputy_of(holder, at=at)}
    return [user for user in users if user.pk in wanted or user.role == Role.OFFICER]


def _mail(user: User, template: str, at: datetime, context: Mapping[str, object]) -> None:
    send(
        subject_id=user.subject_id,
        template=template,
        context=context,
        language=user.language,
        at=at,
        purpose=PURPOSE,
    )
