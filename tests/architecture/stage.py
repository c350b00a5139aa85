"""Everybody who may stand before a page, and one thing of each kind that an address can name."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.test import Client

from access.roles import ROLES_WITH_SECOND_FACTOR, Role
from accounts.models import Session, User
from billing.models import Subscription
from consent import tokens
from consent.models import PolicyVersion
from consent.suppressed import Suppression
from cookies.registry import registry
from law import clock
from notifications.models import OutgoingMail
from operator_portal.testing.databases import SlotDatabase
from processing_log.actors import Actor
from processing_log.models import Event, LogExport, Mandate
from retention import receipts
from retention.destruction import destroy_due
from retention.models import Destruction, Run
from retention.services import start_clock
from subject_requests import calendar_feed
from subject_requests.answers.giving import issue_link
from subject_requests.models import RecipientNotice
from subject_requests.services import Wanted
from subject_requests.staff import enter_absence
from tests.factories.accounts import JOINED_AT, make_user, sign_in
from tests.factories.answers import make_given_answer
from tests.factories.backups import make_backup, make_drill
from tests.factories.consent import make_withdrawal, press, publish
from tests.factories.cookies import make_refusal
from tests.factories.drafts import make_draft
from tests.factories.intake import link_into, make_attachment, make_guest_request, make_mail
from tests.factories.log_tree import make_checkpoint
from tests.factories.mandates import make_mandate
from tests.factories.papers import make_paper
from tests.factories.passkeys import make_passkey
from tests.factories.retention import (
    make_anonymous_count,
    make_hold,
    make_mass_run,
    make_part_order,
    make_rule_version,
)
from tests.factories.subject_requests import make_request
from tests.factories.suppression import make_suppression, way_out
from tests.factories.systems import make_system

STRANGER = "stranger"
#: Whose the things are that an address names.
OWNER = "user"
OTHER_USER = "other user"
WITHOUT = " without second factor"
ROLES: dict[str, Role] = {
    OWNER: Role.USER,
    OTHER_USER: Role.USER,
    **{role.value: role for role in Role if role is not Role.USER},
    **{role.value + WITHOUT: role for role in Role if role in ROLES_WITH_SECOND_FACTOR},
}
EVERYBODY = (STRANGER, *ROLES)


class Visitor(Client):
    """Stumbles over a cookie that the registry does not know, so that whoever sets a new one writes it down."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        assert [name for name in response.cookies if registry().find(name) is None] == []
        return response


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`cookies` are the keys of open sessions; `things` what addresses name: by the name of the place in the route, or
    by the route so far and that name."""

    cookies: dict[str, str]
    things: dict[str, Any]

    def client(self, who: str) -> Client:
        """A browser in which that one is signed in. An error of the portal is an answer, not an exception."""
        client = Visitor(raise_request_exception=False, headers={"accept-language": "ru"})
        if who in self.cookies:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[who]
        return client


@contextmanager
def set_up(database: SlotDatabase, blocker: Any) -> Iterator[Stage]:
    """Committed, so that the tests of a module share it, each in a transaction of its own; emptied afterwards."""
    with blocker.unblock():
        stage = _build()
    yield stage
    with blocker.unblock():
        connections.close_all()
    database.empty()


def _build() -> Stage:
    publish()
    users = {who: _user(who, role) for who, role in ROLES.items()}
    cookies = {who: _enter(who, user) for who, user in users.items()}
    return Stage(cookies=cookies, things=_things(users))


def _user(who: str, role: Role) -> User:
    return make_user(address=f"{who.replace(' ', '-')}@example.org", role=role, first_name="Имя", at=JOINED_AT)


def _enter(who: str, user: User) -> str:
    client = sign_in(Client(), user, second_factor=not who.endswith(WITHOUT) and role_needs_factor(user))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def role_needs_factor(user: User) -> bool:
    return user.role in ROLES_WITH_SECOND_FACTOR


def _things(users: dict[str, User]) -> dict[str, Any]:
    owner, now = users[OWNER], clock.now()
    wanted = Wanted(field="last_name", value="Иная", needs_proof=True)
    request = make_request(subject_id=owner.subject_id, received_at=now, corrections=[wanted])
    told = RecipientNotice.objects.create(request=request, subject=owner.subject, recipient="yookassa", owed_at=now)
    clerk, officer = users["staff"], users["officer"]
    today = now.date()
    away = enter_absence(absentee=officer.pk, deputy=clerk.pk, from_on=today, until_on=today, actor=clerk.actor, at=now)
    answered = make_given_answer(subject_id=owner.subject_id)
    passkey = make_passkey(user=owner)
    job = Actor.system("test")
    draft = make_draft(effective_on=now.date() + timedelta(days=30), at=now)
    running = start_clock(subject_id=owner.subject_id, trigger="subscription_ended", at=now, actor=job)
    assert running
    make_suppression()
    gone = make_user(address="gone@example.org", at=JOINED_AT)
    start_clock(subject_id=gone.subject_id, trigger="account_deleted", at=JOINED_AT, actor=job)
    destroy_due(now)
    paper = make_paper(subject_id=owner.subject_id, at=now)
    awaited = press(subject_id=owner.subject_id, purpose="ads", at=now)
    given = press(subject_id=owner.subject_id, purpose="site_improvement", at=now)
    withdrawn = make_withdrawal(subject_id=owner.subject_id, purpose="site_improvement", at=now)
    guest = make_guest_request(at=now)
    return {
        "subject_id": owner.subject_id,
        "consent_id": given.pk,
        "entry_id": given.pk,
        "paper_id": paper.pk,
        "which": "document",
        "term_id": withdrawn.terms.earliest("pk").pk,
        "admin/consent/paperconsent/object_id": paper.pk,
        "admin/consent/term/object_id": withdrawn.terms.earliest("pk").pk,
        "c/code": tokens.link_code_of(awaited.pk),
        "request_id": request.pk,
        "attachment_id": make_attachment(request).pk,
        "mail_id": (came := make_mail()).pk,
        "admin/subject_requests/incomingmail/object_id": came.pk,
        "privacy/requests/number": guest.number,
        "link": link_into(guest),
        "answered_id": answered.request_id,
        "me/requests/answer/code": issue_link(answered, to=owner.subject_id, at=now).rstrip("/").rpartition("/")[2],
        "answer_id": answered.pk,
        "correction_id": request.corrections.get().pk,
        "notice_id": told.pk,
        "absence_id": away.pk,
        "desk/calendar/code": calendar_feed.make(user_id=clerk.pk, actor=clerk.actor, at=now),
        "session_id": Session.objects.get(user=owner).pk,
        "user_id": owner.pk,
        "pk": passkey.pk,
        "code": receipts.code_for(gone.subject_id),
        "sha256": PolicyVersion.objects.get().sha256,
        "draft_id": draft.pk,
        "admin/consent/draft/object_id": draft.pk,
        "name": "first_name",
        "slug": "advertising",
        "number": 1,
        "path": "0/000.p/1",
        "log/tile/entries/path": "000.p/1",
        "export_id": LogExport.objects.create(
            actor_kind="auditor",
            actor_id=str(users["auditor"].pk),
            form="zip",
            asked={},
            ordered_at=now,
            mandate=Mandate.objects.get(auditor=users["auditor"].pk).pk,
        ).pk,
        "mandate_id": (waiting := make_mandate(auditor=clerk.pk, begins_at=now, is_agreed=False)).pk,
        "admin/processing_log/mandate/object_id": waiting.pk,
        "audit/requests/number": request.number,
        "audit/events/number": Event.objects.earliest("id").pk,
        "language": "ru",
        "privacy/cookies/shown/sha256": "0" * 64,
        "uidb36": owner.pk.hex,
        "key": f"set-{int(time.time())}",
        "content_type_id": ContentType.objects.get_for_model(User).pk,
        "admin/r/<path:content_type_id>/object_id": owner.pk,
        "url": "nowhere/",
        "app_label": "accounts",
        "admin/subject_requests/request/object_id": request.pk,
        "admin/billing/subscription/object_id": _subscription(owner).pk,
        "admin/accounts/user/object_id": owner.pk,
        "admin/notifications/outgoingmail/object_id": OutgoingMail.objects.earliest("created_at").pk,
        "token": way_out(subject_id=owner.subject_id).token,
        "admin/consent/suppression/object_id": Suppression.objects.get().pk,
        "admin/retention/clock/object_id": running.pk,
        "admin/retention/destruction/object_id": Destruction.objects.get().pk,
        "admin/processing_log/checkpoint/object_id": (signed := make_checkpoint()).pk,
        "log/consistency/old": signed.pk,
        "new": signed.pk,
        "admin/retention/run/object_id": Run.objects.get().pk,
        "admin/retention/hold/object_id": (hold := make_hold()).pk,
        "hold_id": hold.pk,
        "admin/retention/massrun/object_id": (asked := make_mass_run()).pk,
        "admin/retention/massrun/run_id": asked.pk,
        "admin/retention/partorder/object_id": (ordered := make_part_order()).pk,
        "order_id": ordered.pk,
        "admin/retention/ruleversion/object_id": make_rule_version().pk,
        "admin/retention/anonymouscount/object_id": make_anonymous_count().pk,
        "run_id": Run.objects.earliest("started_at").pk,
        "form": "pdf",
        "admin/cookies/cookiechoice/object_id": make_refusal().pk,
        "admin/backups/backup/object_id": make_backup().pk,
        "admin/backups/drill/object_id": make_drill().pk,
        "admin/personal_data/keyepoch/object_id": 1,
        "admin/systems/systemkey/object_id": (key := make_system().row.pk),
        "key_id": key,
    }


def _subscription(owner: User) -> Subscription:
    today = clock.now().date()
    return Subscription.objects.create(subject_id=owner.subject_id, starts_on=today, ends_on=today)
