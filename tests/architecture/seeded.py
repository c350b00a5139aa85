"""A portal with the demo's people in it, and the addresses of all its pages: each under whoever is to look at it."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connections
from django.test import Client

from accounts import border, links
from accounts.models import User
from billing.models import Subscription
from consent import tokens
from consent.drafts import Draft
from consent.links import WayOut
from consent.models import Awaited, ConsentTextVersion, LedgerEntry, PaperConsent, PolicyVersion, Term
from consent.suppressed import Suppression
from consent.suppression import digest_of
from law import clock
from notifications.models import OutgoingMail
from operator_portal.demo import data, news, people
from operator_portal.testing.databases import SlotDatabase
from processing_log.models import Event, LogExport, Mandate
from retention import receipts
from retention.models import Clock, Destruction, Run
from subject_requests import calendar_feed
from subject_requests.answers.giving import issue_link
from subject_requests.kinds import State
from subject_requests.models import AnswerSet, Attachment, Correction, IncomingMail, Request
from systems.models import SystemKey
from tests.architecture.decisions import DECISIONS, Decision
from tests.architecture.routes import path_to
from tests.factories.accounts import sign_in
from tests.factories.backups import make_backup, make_drill
from tests.factories.consent import publish
from tests.factories.cookies import make_refusal
from tests.factories.intake import link_into
from tests.factories.log_tree import make_checkpoint
from tests.factories.passkeys import make_passkey
from tests.factories.retention import (
    make_anonymous_count,
    make_hold,
    make_mass_run,
    make_part_order,
    make_rule_version,
)

#: Who looks, the first who may: a stranger, a person, an auditor, staff.
STRANGER: Final = "stranger"
PERSON: Final = "user"
AUDITOR: Final = "auditor"
STAFF: Final = "staff"
OFFICER: Final = "officer"
ADMIN: Final = "admin"
#: A person whose account is guarded by everything that there is, and one whose password alone was right so far.
GUARDED: Final = "guarded"
AT_THE_SECOND_DOOR: Final = "at the second door"
GUARDED_ADDRESS: Final = "person-1@example.org"
VIEWERS: Final = (STRANGER, PERSON, AUDITOR, STAFF, OFFICER, ADMIN)

#: What is no page.
FILES: Final = re.compile(
    r"\.(txt|json|jsonld|py|css|js|atom|ics)$|^(healthz|readyz)$|^log/|/proof/$|^audit/sample/file/$|/jsi18n/$|/download/$|/autocomplete/$"
    r"|/files/|/act\.|^api/schema/$|^api/v1/"
)
#: Pages that a bare visit does not show, and whether somebody else looks at them below.
OTHERWISE: Final = {
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$",
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "accounts/2fa/webauthn/keys/<int:pk>/remove/",
    "accounts/2fa/webauthn/keys/<int:pk>/edit/",
}


@dataclass(frozen=True, kw_only=True)
class Visit:
    path: str
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """`visits` and `cookies` by viewer."""

    visits: dict[str, list[Visit]]
    cookies: dict[str, str]


@contextmanager
def seed(database: SlotDatabase, blocker: Any) -> Iterator[Seeded]:
    with blocker.unblock():
        cache.clear()
        publish()
        for _scene in data.play(clock.now()):
            pass
        seeded = _look_around()
    yield seeded
    with blocker.unblock():
        connections.close_all()
    database.empty()


def _look_around() -> Seeded:
    users = {account.role.value: _user(account.email) for account in people.ACCOUNTS}
    guarded = _guard(_user(GUARDED_ADDRESS))
    things = _things(users[PERSON])
    visits = {who: [Visit(path=path_to(route, things)) for route in _pages_of(who)] for who in VIEWERS}
    for who, more in _further(users[PERSON], guarded).items():
        visits.setdefault(who, []).extend(more)
    cookies = {who: _enter(users[who]) for who in VIEWERS if who != STRANGER}
    cookies |= {GUARDED: _enter(guarded), AT_THE_SECOND_DOOR: _half_enter()}
    return Seeded(visits=visits, cookies=cookies)


def _user(address: str) -> User:
    return User.objects.get(email=border.token(address))


def _auditor() -> User:
    return next(_user(account.email) for account in people.ACCOUNTS if account.role.value == AUDITOR)


def _pages_of(who: str) -> list[str]:
    return [route for route, decision in DECISIONS.items() if _viewer(route, decision) == who]


def _viewer(route: str, decision: Decision) -> str | None:
    if decision.method != "get" or FILES.search(route) or route in OTHERWISE:
        return None
    return next((who for who in VIEWERS if decision.answer_to(who) == 200), None)


def _further(person: User, guarded: User) -> dict[str, list[Visit]]:
    """Pages that need a key, another state, or a mistake."""
    (address,) = EmailAddress.objects.filter(user=person)
    way_out = WayOut(subject_id=person.subject_id, digest=digest_of(people.ACCOUNTS[0].email), purpose="surveys")
    passkey = Authenticator.objects.get(user=guarded, type=Authenticator.Type.WEBAUTHN)
    gone = Destruction.objects.earliest("destroyed_at")
    requests = Request.objects.order_by("received_at")
    return {
        STRANGER: [
            Visit(path="/privacy/history/?from=1&to=2"),
            Visit(path="/privacy/history/?from=2&to=9", status=400),
            Visit(path=f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/"),
            Visit(path="/accounts/confirm-email/no-such-key/"),
            Visit(path=urlsplit(links.to_new_password(person)).path),
            Visit(path="/accounts/password/reset/key/1-set-password/"),
            Visit(path=f"/receipts/{receipts.code_for(gone.subject)}/"),
            Visit(path=f"/w/{way_out.token}/"),
            Visit(path="/w/no-such-token/", status=404),
            Visit(path="/c/no-such-code/", status=410),
            Visit(path="/no-such-page/", status=404),
            *(Visit(path=f"/privacy/requests/{each.number}/") for each in _guests()[:1]),
            Visit(path=f"/privacy/requests/{_guests()[0].number}/open/no-such-link/", status=410),
        ],
        PERSON: [
            *(Visit(path=f"/me/consents/{each.pk}/receipt/") for each in _entries_of(person)),
            *(Visit(path=f"/me/consents/{slug}/") for slug in _slugs()),
            *(Visit(path=f"/me/requests/{each.pk}/") for each in requests.filter(subject=person.subject_id)),
            Visit(path="/me/log/?show=staff"),
            Visit(path="/admin/", status=403),
        ],
        GUARDED: [
            Visit(path="/me/"),
            Visit(path="/me/subscription/"),
            Visit(path="/me/requests/"),
            Visit(path="/accounts/2fa/"),
            Visit(path="/accounts/2fa/totp/deactivate/"),
            Visit(path="/accounts/2fa/recovery-codes/"),
            Visit(path="/accounts/2fa/recovery-codes/generate/"),
            Visit(path="/accounts/2fa/reauthenticate/"),
            Visit(path="/accounts/2fa/webauthn/"),
            Visit(path="/accounts/2fa/webauthn/reauthenticate/"),
            Visit(path=f"/accounts/2fa/webauthn/keys/{passkey.pk}/edit/"),
            Visit(path=f"/accounts/2fa/webauthn/keys/{passkey.pk}/remove/"),
        ],
        AT_THE_SECOND_DOOR: [Visit(path="/accounts/2fa/authenticate/")],
        AUDITOR: [
            *(Visit(path=f"/audit/consents/{each.pk}/") for each in _one_entry_of_each_way()),
            Visit(path="/audit/consents/?subject=nobody", status=400),
            Visit(path="/audit/?operation=destroy"),
            Visit(path="/audit/?fact=nothing_like_it"),
            Visit(path="/audit/?subject=nobody", status=400),
            Visit(path="/audit/overview/?since=2020-01-01"),
            Visit(path="/audit/sample/?number=5&since=2020-01-01"),
            Visit(path="/audit/sample/?number=0", status=400),
            Visit(path="/audit/requests/?number=nobody", status=404),
        ],
        STAFF: [
            Visit(path="/me/delete/"),
            Visit(path=f"/admin/consent/paperconsent/enter/{person.subject_id}/?text={_a_text().pk}"),
            *(Visit(path=f"/admin/consent/paperconsent/{each.pk}/change/") for each in _one_paper_of_each_state()),
            Visit(path="/admin/subject_requests/request/?shown=all"),
            *(Visit(path=f"/admin/subject_requests/request/{each.pk}/change/") for each in _one_of_each_state()),
            *(Visit(path=f"/admin/subject_requests/request/{each.pk}/change/") for each in _guests()),
            *(
                Visit(path=f"/admin/subject_requests/incomingmail/{each.pk}/change/")
                for each in _one_mail_of_each_kind()
            ),
        ],
        OFFICER: [Visit(path=f"/admin/consent/draft/{each.pk}/change/") for each in _one_draft_of_each_state()],
        ADMIN: [Visit(path=f"/admin/consent/draft/{each.pk}/change/") for each in _one_draft_of_each_state()],
    }


def _one_of_each_state() -> list[Request]:
    found = {each.state: each for each in Request.objects.all()}
    assert set(found) == set(State.values), "the demo has requests in every state"
    return list(found.values())


def _guests() -> list[Request]:
    return list(Request.objects.filter(subject__kind="guest", subject__destroyed_at=None).order_by("-received_at"))


def _one_mail_of_each_kind() -> list[IncomingMail]:
    found = {each.seen.verdict: each for each in IncomingMail.objects.select_related("seen")}
    assert set(found) == {"person", "quiet", "machine"}, "the demo has mail of every kind"
    return list(found.values())


def _one_entry_of_each_way() -> list[LedgerEntry]:
    found = {(each.channel, each.kind): each for each in LedgerEntry.objects.all()}
    assert {channel for channel, _kind in found} == set(LedgerEntry.Channel.values), "the demo has every way"
    return list(found.values())


def _entries_of(person: User) -> list[LedgerEntry]:
    found = list(LedgerEntry.objects.filter(subject=person.subject_id))
    assert {entry.kind for entry in found} == {"given", "withdrawn"}, "the demo has receipts of both kinds"
    return found


def _one_paper_of_each_state() -> list[PaperConsent]:
    found = {each.state: each for each in PaperConsent.objects.all()}
    assert set(found) == {"waiting", "confirmed", "refused"}, "the demo has papers in every state"
    return list(found.values())


def _one_draft_of_each_state() -> list[Draft]:
    found = {each.state: each for each in Draft.objects.all()}
    assert {"written", "submitted", "published"} <= set(found), (
        "the demo has drafts to write, to publish and to look at"
    )
    return list(found.values())


def _slugs() -> set[str]:
    return set(ConsentTextVersion.objects.values_list("slug", flat=True))


def _a_text() -> ConsentTextVersion:
    return ConsentTextVersion.objects.filter(purpose="surveys").latest("version")


def _guard(user: User) -> User:
    totp.TOTP.activate(user, totp.generate_totp_secret())
    RecoveryCodes.activate(user)
    make_passkey(user=user)
    return user


def _enter(user: User) -> str:
    return sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value


def _calendar() -> str:
    clerk = _user(next(account.email for account in people.ACCOUNTS if account.role == "staff"))
    return calendar_feed.make(user_id=clerk.pk, actor=clerk.actor, at=clock.now())


def _half_enter() -> str:
    """The password was right; the second factor is still asked for."""
    client = Client()
    answer = client.post("/accounts/login/", {"login": GUARDED_ADDRESS, "password": people.password()})
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _things(person: User) -> dict[str, Any]:
    """By the name of the place in the route, or by the route so far and that name."""
    running = Clock.objects.running().earliest("due_at")
    given = AnswerSet.objects.filter(subject=person.subject_id, given_at__isnull=False).latest("given_at")
    link = issue_link(given, to=person.subject_id, at=clock.now())
    return {
        "subject_id": person.subject_id,
        "answered_id": given.request_id,
        "answer_id": AnswerSet.objects.filter(state="ready", given_at=None).latest("asked_at").pk,
        "me/requests/answer/code": link.rstrip("/").rpartition("/")[2],
        "entry_id": LedgerEntry.objects.filter(subject=person.subject_id, kind="given").latest("at").pk,
        "correction_id": Correction.objects.earliest("pk").pk,
        "desk/calendar/code": _calendar(),
        "consent_id": LedgerEntry.objects.filter(channel="mail_link").latest("at").pk,
        "admin/consent/paperconsent/object_id": PaperConsent.objects.filter(state="waiting").latest("entered_at").pk,
        "admin/consent/term/object_id": Term.objects.latest("pk").pk,
        "c/code": tokens.link_code_of(Awaited.objects.filter(entry=None).latest("at").pk),
        "request_id": Request.objects.filter(subject=person.subject_id).latest("received_at").pk,
        "privacy/requests/number": (guest := Request.objects.filter(channel="guest").latest("received_at")).number,
        "link": link_into(guest),
        "admin/subject_requests/incomingmail/object_id": IncomingMail.objects.latest("received_at").pk,
        "mail_id": IncomingMail.objects.latest("received_at").pk,
        "attachment_id": Attachment.objects.latest("received_at").pk,
        "user_id": person.pk,
        "code": receipts.code_for(running.subject_id),
        "name": "first_name",
        "sha256": PolicyVersion.objects.earliest("number").sha256_en,
        "draft_id": Draft.objects.get(state="written").pk,
        "admin/consent/draft/object_id": Draft.objects.filter(state="submitted").earliest("begun_at").pk,
        "slug": "advertising",
        "number": 1,
        "path": "0/000.p/1",
        "log/tile/entries/path": "000.p/1",
        "export_id": LogExport.objects.create(
            actor_kind="auditor",
            actor_id=str(_auditor().pk),
            form="zip",
            asked={},
            ordered_at=clock.now(),
            mandate=Mandate.objects.get(auditor=_auditor().pk).pk,
        ).pk,
        "mandate_id": (mandate := Mandate.objects.earliest("proposed_at")).pk,
        "admin/processing_log/mandate/object_id": mandate.pk,
        "audit/requests/number": Request.objects.earliest("received_at").number,
        "audit/events/number": Event.objects.latest("id").pk,
        "token": WayOut(
            subject_id=person.subject_id, digest=digest_of(people.ACCOUNTS[0].email), purpose=news.PURPOSE
        ).token,
        "admin/consent/suppression/object_id": Suppression.objects.earliest("entered_on").pk,
        "language": "ru",
        "app_label": "accounts",
        "key": f"set-{int(time.time())}",
        "content_type_id": ContentType.objects.get_for_model(User).pk,
        "admin/subject_requests/request/object_id": Request.objects.earliest("received_at").pk,
        "admin/billing/subscription/object_id": Subscription.objects.earliest("ends_on").pk,
        "admin/accounts/user/object_id": person.pk,
        "admin/notifications/outgoingmail/object_id": OutgoingMail.objects.earliest("created_at").pk,
        "admin/retention/clock/object_id": running.pk,
        "admin/retention/destruction/object_id": Destruction.objects.earliest("destroyed_at").pk,
        "admin/processing_log/checkpoint/object_id": (signed := make_checkpoint()).pk,
        "log/consistency/old": signed.pk,
        "new": signed.pk,
        "admin/retention/run/object_id": Run.objects.earliest("started_at").pk,
        "admin/systems/systemkey/object_id": SystemKey.objects.latest("created_at").pk,
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
    }
